/** A proposal in full: the job, the letter, the bid, and who is involved, with their local time. */
import { useEffect, useState } from 'react';
import type { Proposal, User, UserId } from '../../../protocol/index.ts';
import { useParley } from '../app/parley.tsx';
import { dateText, timeOfDay } from '../lib/time.ts';
import { useNow } from '../lib/use-now.ts';
import { useReadable } from '../lib/use-readable.ts';
import { Avatar } from '../ui/avatar.tsx';
import { Button } from '../ui/button.tsx';
import { SkeletonRows } from '../ui/skeleton.tsx';
import { usePlace } from '../ui/surroundings.tsx';
import { bidText } from './bid.ts';
import css from './proposal-details.module.css';
import { StatusChip } from './status-chip.tsx';
import { useProposals } from './use-proposals.ts';

export const ProposalDetails = ({ proposalId }: { readonly proposalId: string }) => {
  const { proposal, users, failed, retry } = useProposal(proposalId);
  const place = usePlace();
  if (failed)
    return (
      <div className={css.failed} role="alert">
        <p>The proposal could not be loaded.</p>
        <Button size="s" onClick={retry}>
          Try again
        </Button>
      </div>
    );
  if (proposal === undefined) return <SkeletonRows label="Loading the proposal" count={4} />;
  return (
    <div className={css.details}>
      <section>
        <h3 className={css.title}>{proposal.jobTitle}</h3>
        <dl className={css.facts}>
          <div>
            <dt>Bid</dt>
            <dd>{bidText(proposal.bid, place.locale)}</dd>
          </div>
          <div>
            <dt>Status</dt>
            <dd>
              <StatusChip status={proposal.status} />
            </dd>
          </div>
          <div>
            <dt>Sent</dt>
            <dd>{dateText(proposal.submittedAt, place)}</dd>
          </div>
        </dl>
      </section>
      <section>
        <h4>People</h4>
        <ul className={css.people}>
          <Person user={users.get(proposal.freelancerId)} part="Freelancer" />
          <Person user={users.get(proposal.clientId)} part="Client" />
        </ul>
      </section>
      <section>
        <h4>Cover letter</h4>
        <p className={css.prose}>{proposal.coverLetter || 'Without a letter.'}</p>
      </section>
      <section>
        <h4>The job</h4>
        <p className={css.prose}>{proposal.jobDescription || 'Without a description.'}</p>
      </section>
    </div>
  );
};

const Person = ({ user, part }: { readonly user: User | undefined; readonly part: string }) => {
  const now = useNow();
  const place = usePlace();
  if (user === undefined) return null;
  return (
    <li className={css.person}>
      <Avatar user={user} />
      <div>
        <b>{user.displayName}</b>
        <p>{user.headline || part}</p>
      </div>
      <p className={css.local}>
        <span>{part}</span>
        {user.timeZone !== null && (
          <time>
            {timeOfDay(now, { ...place, timeZone: user.timeZone })}
            <span className="unseen"> for them</span>
          </time>
        )}
      </p>
    </li>
  );
};

interface Loaded {
  readonly proposal: Proposal | undefined;
  readonly users: ReadonlyMap<UserId, User>;
  readonly failed: boolean;
  retry(): void;
}

/** From the list, where it is; asked for where it is not. */
const useProposal = (proposalId: string): Loaded => {
  const { client } = useParley();
  const proposals = useProposals();
  const isOnline = useReadable(client.connection).status === 'online';
  const [asked, setAsked] = useState<Awaited<ReturnType<typeof client.proposal>> | null>(null);
  const [failed, setFailed] = useState(false);
  const [attempt, setAttempt] = useState(0);
  const listed = proposals.list.find((one) => one.proposalId === proposalId);
  const isMissing = listed === undefined && proposals.status !== 'loading';

  // biome-ignore lint/correctness/useExhaustiveDependencies: `attempt` is what asks again.
  useEffect(() => {
    if (!isMissing || !isOnline) return;
    let stale = false;
    setFailed(false);
    client.proposal(proposalId).then(
      (answer) => stale || setAsked(answer),
      () => stale || setFailed(true),
    );
    return () => {
      stale = true;
    };
  }, [client, proposalId, isMissing, isOnline, attempt]);

  const answered = asked?.proposal.proposalId === proposalId ? asked : null;
  return {
    proposal: listed ?? answered?.proposal,
    users:
      listed !== undefined || answered === null ? proposals.users : new Map(answered.users.map((user) => [user.userId, user])),
    failed: failed && listed === undefined,
    retry: () => setAttempt((count) => count + 1),
  };
};
