/** Where one can go besides conversations: one's jobs with how many proposals wait for an answer, the proposals one sent, what one archived; a moderator, to the queue. */
import { Archive, BriefcaseBusiness, FileText, type LucideIcon, ShieldCheck } from 'lucide-react';
import { Link } from '../app/link.tsx';
import { useParley } from '../app/parley.tsx';
import { type Route, useRoute } from '../app/route.ts';
import { useJobs } from '../jobs/use-jobs.ts';
import { classes } from '../lib/classes.ts';
import { useReadable } from '../lib/use-readable.ts';
import { useProposals } from '../proposals/use-proposals.ts';
import { useSides } from '../proposals/use-sides.ts';
import css from './places.module.css';

export const Places = () => {
  const { client } = useParley();
  const isModerator = useReadable(client.roles).includes('moderator');
  const route = useRoute();
  const { list } = useProposals();
  const { jobs } = useJobs();
  const { isKnown, received, sent } = useSides();
  const { marked } = useReadable(client.inbox);
  const unread = marked.filter(({ marks, unread }) => marks.archived && unread > 0).length;
  const waiting = jobs.reduce((sum, { counts }) => sum + counts.proposed, 0);
  const open = route.page === 'proposal' ? list.find(({ proposalId }) => proposalId === route.proposalId) : undefined;
  return (
    <nav aria-label="Places" className={css.places}>
      {isKnown && received && (
        <Place
          to={{ page: 'jobs' }}
          label="My jobs"
          icon={BriefcaseBusiness}
          current={route.page === 'jobs' || route.page === 'job' || open?.isReceived === true}
          count={waiting}
          counted="to answer"
        />
      )}
      {isKnown && sent && (
        <Place
          to={{ page: 'proposals' }}
          label="My proposals"
          icon={FileText}
          current={route.page === 'proposals' || open?.isReceived === false}
        />
      )}
      <Place
        to={{ page: 'archived' }}
        label="Archived"
        icon={Archive}
        current={route.page === 'archived'}
        count={unread}
        counted="unread"
      />
      {isModerator && (
        <Place
          to={{ page: 'moderation' }}
          label="Moderation"
          icon={ShieldCheck}
          current={route.page === 'moderation' || route.page === 'case'}
        />
      )}
    </nav>
  );
};

interface PlaceProps {
  readonly to: Route;
  readonly label: string;
  readonly icon: LucideIcon;
  readonly current: boolean;
  readonly count?: number;
  /** What the number says, after it. */
  readonly counted?: string;
}

const Place = ({ to, label, icon: Icon, current, count = 0, counted = '' }: PlaceProps) => (
  <Link
    to={to}
    className={classes(css.place, current && css.current)}
    aria-current={current ? 'page' : undefined}
    data-testid={to.page}
  >
    <Icon aria-hidden size={17} />
    <span>{label}</span>
    {count > 0 && (
      <span className={css.count}>
        {count}
        <span className="unseen"> {counted}</span>
      </span>
    )}
  </Link>
);
