/** A line for what happened besides messages: the thread opened, people came and went, the proposal moved. */
import type { ReactNode } from 'react';
import type { User, UserId } from '../../../protocol/index.ts';
import { fullTime } from '../lib/time.ts';
import { CONTRACT_TEXT, STATUS_TEXT } from '../proposals/bid.ts';
import { namesText, unknownUser } from '../threads/people.ts';
import { Avatar } from '../ui/avatar.tsx';
import { usePlace } from '../ui/surroundings.tsx';
import css from './event-line.module.css';
import type { Row } from './rows.ts';

interface Props {
  readonly event: Extract<Row, { kind: 'event' }>['event'];
  readonly users: ReadonlyMap<UserId, User>;
  readonly meId: UserId;
}

export const EventLine = ({ event, users, meId }: Props) => {
  const name = (userId: UserId | null): string =>
    userId === null ? 'Somebody' : userId === meId ? 'You' : (users.get(userId) ?? unknownUser(userId)).displayName;
  switch (event.type) {
    case 'thread.opened': {
      const others = event.members
        .filter(({ userId }) => userId !== meId)
        .map(({ userId }) => users.get(userId) ?? unknownUser(userId));
      return (
        <li className={css.opened}>
          <span className={css.faces}>
            {others.slice(0, 3).map((user) => (
              <Avatar key={user.userId} user={user} size="l" />
            ))}
          </span>
          <p className={css.name}>{namesText(others.map((user) => user.displayName))}</p>
          <p>
            {event.proposal === null
              ? 'This is the beginning of the conversation.'
              : `This is the beginning of your conversation about “${event.proposal.jobTitle}”.`}
          </p>
        </li>
      );
    }
    case 'member.joined':
      return (
        <Line at={event.at}>
          {event.actorId === null || event.actorId === event.member.userId
            ? `${name(event.member.userId)} joined`
            : `${name(event.actorId)} added ${name(event.member.userId)}`}
        </Line>
      );
    case 'member.left':
      return (
        <Line at={event.at}>
          {event.actorId === null || event.actorId === event.userId
            ? `${name(event.userId)} left`
            : `${name(event.actorId)} removed ${name(event.userId)}`}
          {event.ownerId !== undefined && (event.ownerId === meId ? '. You own it now' : `. ${name(event.ownerId)} owns it now`)}
        </Line>
      );
    case 'proposal.changed':
      return <Line at={event.at}>{`The proposal is now: ${STATUS_TEXT[event.proposal.status]}`}</Line>;
    case 'contract.changed':
      return <Line at={event.at}>{`The contract “${event.contract.title}” ${CONTRACT_TEXT[event.contract.status]}`}</Line>;
  }
};

const Line = ({ at, children }: { readonly at: number; readonly children: ReactNode }) => (
  <li className={css.line}>
    <span title={fullTime(at, usePlace())}>{children}</span>
  </li>
);
