/** One proposal in its section: who, the bid, the beginning of the letter, what is unread, and what one can do. */
import { MessageSquare } from 'lucide-react';
import type { User } from '../../../protocol/index.ts';
import { Link } from '../app/link.tsx';
import { useParley } from '../app/parley.tsx';
import { useNavigate, useRoute } from '../app/route.ts';
import { classes } from '../lib/classes.ts';
import { fullTime, timeAgo } from '../lib/time.ts';
import { useNow } from '../lib/use-now.ts';
import { useReadable } from '../lib/use-readable.ts';
import { firstNameOf } from '../threads/people.ts';
import { Avatar } from '../ui/avatar.tsx';
import { Button } from '../ui/button.tsx';
import { UnreadBadge } from '../ui/unread-badge.tsx';
import { bidText } from './bid.ts';
import css from './proposal-card.module.css';
import type { KnownProposal } from './use-proposals.ts';

interface Props {
  readonly proposal: KnownProposal;
  /** The other side. */
  readonly person: User | undefined;
  readonly onMessage: () => void;
}

export const ProposalCard = ({ proposal, person, onMessage }: Props) => {
  const now = useNow();
  const { client } = useParley();
  const { threads } = useReadable(client.inbox);
  const navigate = useNavigate();
  const route = useRoute();
  const { proposalId, threadId, isReceived } = proposal;
  const unread = threads.find((thread) => thread.threadId === threadId)?.unread ?? 0;
  const name = person?.displayName ?? 'Somebody';
  const isSelected = route.page === 'proposal' && route.proposalId === proposalId;
  return (
    <article className={classes(css.card, isSelected && css.selected)} data-testid={`proposal-${proposalId}`}>
      <header className={css.header}>
        <Avatar user={person} />
        <div className={css.who}>
          <h3>
            <Link to={{ page: 'proposal', proposalId }} className={css.open}>
              {isReceived ? name : proposal.jobTitle}
            </Link>
          </h3>
          <p>{isReceived ? person?.headline : `For ${name}${person?.headline ? ` · ${person.headline}` : ''}`}</p>
        </div>
        <UnreadBadge count={unread} />
      </header>
      <p className={css.letter}>{proposal.coverLetter}</p>
      <footer className={css.footer}>
        <p className={css.facts}>
          <b>{bidText(proposal.bid)}</b>
          <time dateTime={new Date(proposal.submittedAt).toISOString()} title={fullTime(proposal.submittedAt)}>
            {timeAgo(proposal.submittedAt, now)}
          </time>
        </p>
        {threadId !== null ? (
          <Button size="s" icon={MessageSquare} onClick={() => navigate({ page: 'thread', threadId })}>
            Open conversation
          </Button>
        ) : isReceived ? (
          <Button
            size="s"
            tone="primary"
            icon={MessageSquare}
            data-testid={`send-message-${proposalId}`}
            aria-label={`Send message to ${firstNameOf({ displayName: name })}`}
            onClick={onMessage}
          >
            Send message
          </Button>
        ) : null}
      </footer>
    </article>
  );
};
