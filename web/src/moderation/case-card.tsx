/** A case in the list: what kind, about whom, since when, and who looks at it. */
import type { ModerationCase, User, UserId } from '../../../protocol/index.ts';
import { Link } from '../app/link.tsx';
import { useMe } from '../app/parley.tsx';
import { fullTime, timeAgo } from '../lib/time.ts';
import { useNow } from '../lib/use-now.ts';
import { unknownUser } from '../threads/people.ts';
import { Avatar } from '../ui/avatar.tsx';
import { usePlace } from '../ui/surroundings.tsx';
import css from './case-card.module.css';
import { gistOf, KIND, stateLabel } from './case-text.ts';

interface Props {
  readonly shown: ModerationCase;
  readonly users: ReadonlyMap<UserId, User>;
}

export const CaseCard = ({ shown, users }: Props) => {
  const { caseId, kind, state, subjectId, openedBy, at, claim, decision } = shown;
  const now = useNow();
  const place = usePlace();
  const me = useMe();
  const nameOf = (userId: UserId): string => users.get(userId)?.displayName ?? userId;
  const isClaimed = claim !== null && claim.until > now && claim.moderatorId !== me.userId;
  return (
    <article className={css.card} data-testid={`case-${caseId}`}>
      <Avatar user={users.get(subjectId) ?? unknownUser(subjectId)} size="m" />
      <div className={css.text}>
        <h2>
          <Link to={{ page: 'case', caseId }} className={css.open}>
            {nameOf(subjectId)}
            <span className="unseen">, {KIND[kind]}</span>
          </Link>
        </h2>
        <p className={css.gist}>{gistOf(shown)}</p>
        <p className={css.meta}>
          <time dateTime={new Date(at).toISOString()} title={fullTime(at, place)}>
            {timeAgo(at, now, place)}
          </time>
          {openedBy !== null && kind === 'report' && <span>by {nameOf(openedBy)}</span>}
          {openedBy === null && kind === 'report' && <span>by Parley</span>}
          {decision?.moderatorId != null && <span>decided by {nameOf(decision.moderatorId)}</span>}
        </p>
      </div>
      <span className={css.chips}>
        <span className={css.kind} data-kind={kind}>
          {KIND[kind]}
        </span>
        {state !== 'waiting' && <span className={css.state}>{stateLabel(shown)}</span>}
        {isClaimed && <span className={css.claim}>{nameOf(claim.moderatorId)} looks at it</span>}
      </span>
    </article>
  );
};
