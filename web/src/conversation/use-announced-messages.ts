/** Reads new messages of others aloud, and nothing of what was loaded; says when words that were hidden are shown. */
import { useEffect, useRef } from 'react';
import type { TimelineItem } from '../../../client/types.ts';
import type { Message, User, UserId } from '../../../protocol/index.ts';
import { plainText } from '../guard/masked.ts';
import { isRelease } from '../guard/released-text.tsx';
import { firstNameOf, unknownUser } from '../threads/people.ts';
import { useAnnounce } from '../ui/announcer.tsx';

/** More than this at once is a number, not a reading. */
const MOST_AT_ONCE = 3;

export const useAnnouncedMessages = (items: readonly TimelineItem[], meId: UserId, users: ReadonlyMap<UserId, User>): void => {
  const announce = useAnnounce();
  const heard = useRef<number | null>(null);
  const masked = useRef<ReadonlyMap<number, Message>>(new Map());
  useEffect(() => {
    const after = heard.current;
    const messages = items.flatMap((item) =>
      item.kind === 'event' && item.event.type === 'message.posted' ? [item.event.message] : [],
    );
    heard.current = Math.max(after ?? 0, messages.at(-1)?.offset ?? 0);
    const released = messages.some((message) => {
      const before = masked.current.get(message.offset);
      return before !== undefined && isRelease(before, message);
    });
    masked.current = new Map(messages.filter((message) => message.masked !== undefined).map((one) => [one.offset, one]));
    if (after === null) return;
    const fresh = messages.filter(({ offset, senderId }) => offset > after && senderId !== meId);
    const text = (message: Message): string =>
      `${firstNameOf(users.get(message.senderId) ?? unknownUser(message.senderId))}: ${plainText(message)}`;
    const news = [
      ...(released ? ['What was hidden is shown now'] : []),
      ...(fresh.length > MOST_AT_ONCE ? [`${fresh.length} new messages`] : fresh.map(text)),
    ];
    if (news.length > 0) announce(news.join('. '));
  }, [items, meId, users, announce]);
};
