/** Who came and went in a call, and its connection, for a screen reader. */
import { useEffect, useRef } from 'react';
import type { CallView } from '../../../client/types.ts';
import type { User, UserId } from '../../../protocol/index.ts';
import { unknownUser } from '../threads/people.ts';
import { useAnnounce } from '../ui/announcer.tsx';

export const useAnnouncedCall = ({ participants, status }: CallView, users: ReadonlyMap<UserId, User>): void => {
  const announce = useAnnounce();
  const before = useRef<ReadonlyMap<string, string> | null>(null);
  const present = participants
    .filter(({ isSelf }) => !isSelf)
    .map(({ participantId, userId }) => `${participantId} ${userId}`)
    .join('\n');
  useEffect(() => {
    const now = new Map(present === '' ? [] : present.split('\n').map((line) => line.split(' ') as [string, string]));
    const name = (userId: UserId): string => (users.get(userId) ?? unknownUser(userId)).displayName;
    if (before.current !== null) {
      for (const [id, userId] of now) if (!before.current.has(id)) announce(`${name(userId)} joined the call`);
      for (const [id, userId] of before.current) if (!now.has(id)) announce(`${name(userId)} left the call`);
    }
    before.current = now;
  }, [present, users, announce]);
  const wasReconnecting = useRef(false);
  useEffect(() => {
    if (status === 'reconnecting') announce('The call is reconnecting', 'assertive');
    else if (status === 'live') announce(wasReconnecting.current ? 'The call is back' : 'You are in the call');
    wasReconnecting.current = status === 'reconnecting';
  }, [status, announce]);
};
