/** Where one can go besides conversations: one's jobs, and the proposals one sent, with how many wait for an answer; a moderator, to the queue. */
import { BriefcaseBusiness, FileText, type LucideIcon, ShieldCheck } from 'lucide-react';
import { Link } from '../app/link.tsx';
import { useParley } from '../app/parley.tsx';
import { type Route, useRoute } from '../app/route.ts';
import { classes } from '../lib/classes.ts';
import { useReadable } from '../lib/use-readable.ts';
import { useProposals } from '../proposals/use-proposals.ts';
import { useSides } from '../proposals/use-sides.ts';
import css from './places.module.css';

export const Places = () => {
  const { client } = useParley();
  const isModerator = useReadable(client.roles).includes('moderator');
  const route = useRoute();
  const { status, list } = useProposals();
  const { received, sent } = useSides();
  const waiting = list.filter((proposal) => proposal.status === 'proposed' && proposal.isReceived).length;
  const open = route.page === 'proposal' ? list.find(({ proposalId }) => proposalId === route.proposalId) : undefined;
  return (
    <nav aria-label="Places" className={css.places}>
      {status !== 'loading' && received && (
        <Place
          to={{ page: 'jobs' }}
          label="My jobs"
          icon={BriefcaseBusiness}
          current={route.page === 'jobs' || route.page === 'job' || open?.isReceived === true}
          waiting={waiting}
        />
      )}
      {status !== 'loading' && sent && (
        <Place
          to={{ page: 'proposals' }}
          label="My proposals"
          icon={FileText}
          current={route.page === 'proposals' || open?.isReceived === false}
          waiting={0}
        />
      )}
      {isModerator && (
        <Place
          to={{ page: 'moderation' }}
          label="Moderation"
          icon={ShieldCheck}
          current={route.page === 'moderation' || route.page === 'case'}
          waiting={0}
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
  readonly waiting: number;
}

const Place = ({ to, label, icon: Icon, current, waiting }: PlaceProps) => (
  <Link
    to={to}
    className={classes(css.place, current && css.current)}
    aria-current={current ? 'page' : undefined}
    data-testid={to.page}
  >
    <Icon aria-hidden size={17} />
    <span>{label}</span>
    {waiting > 0 && (
      <span className={css.count}>
        {waiting}
        <span className="unseen"> to answer</span>
      </span>
    )}
  </Link>
);
