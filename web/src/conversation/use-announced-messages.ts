/** Reads new messages of others aloud, and nothing of what was loaded. */
import { useEffect, useRef } from 'react';
import type { TimelineItem } from '../../../client/types.ts';
import type { User, UserId } from '../../../protocol/index.ts';
import { firstNameOf, unknownUser } from '../threads/people.ts';
import { useAnnounce } from '../ui/announcer.tsx';

/** More than this at once is a number, not a reading. */
const MOST_AT_ONCE = 3;

export const useAnnouncedMessages = (items: readonly TimelineItem[], meId: UserId, users: ReadonlyMap<UserId, User>): void => {
  const announce = useAnnounce();
  const heard = useRef<number | null>(null);
  useEffect(() => {
    const after = heard.current;
    const messages = items.flatMap((item) =>
      item.kind === 'event' && item.event.type === 'message.posted' ? [item.event.message] : [],
    );
    heard.current = Math.max(after ?? 0, messages.at(-1)?.offset ?? 0);
    if (after === null) return;
    const fresh = messages.filter(({ offset, senderId }) => offset > after && senderId !== meId);
    if (fresh.length === 0) return;
    announce(
      fresh.length > MOST_AT_ONCE
        ? `${fresh.length} new messages`
        : fresh.map(({ senderId, body }) => `${firstNameOf(users.get(senderId) ?? unknownUser(senderId))}: ${body}`).join('. '),
    );
  }, [items, meId, users, announce]);
};
