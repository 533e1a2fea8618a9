/** How far the others have read of what one wrote. */
import type { TimelineItem } from '../../../client/types.ts';
import type { Member, UserId } from '../../../protocol/index.ts';

/** The last own message that everybody else has read, or null. */
export const seenOffset = (items: readonly TimelineItem[], members: readonly Member[], meId: UserId): number | null => {
  const others = members.filter(({ userId }) => userId !== meId);
  if (others.length === 0) return null;
  const readByAll = Math.min(...others.map(({ readOffset }) => readOffset));
  const last = items.findLast(
    (item) =>
      item.kind === 'event' &&
      item.event.type === 'message.posted' &&
      item.event.message.senderId === meId &&
      item.event.offset <= readByAll,
  );
  return last?.kind === 'event' ? last.event.offset : null;
};
