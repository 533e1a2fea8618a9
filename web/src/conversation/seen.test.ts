import { expect, it } from 'vitest';
import type { TimelineItem } from '../../../client/types.ts';
import { seenOffset } from './seen.ts';

const posted = (offset: number, senderId: string): TimelineItem => ({
  kind: 'event',
  key: `m${offset}`,
  event: {
    type: 'message.posted',
    threadId: 't',
    offset,
    at: 0,
    actorId: senderId,
    message: {
      threadId: 't',
      offset,
      senderId,
      clientMessageId: `message-${offset}`,
      body: 'x',
      postedAt: 0,
      editedAt: null,
      deletedAt: null,
    },
  },
});
const member = (userId: string, readOffset: number) => ({ userId, role: 'member' as const, readOffset, joinedAt: 0 });
const items = [posted(1, 'ana'), posted(2, 'ben'), posted(3, 'ana'), posted(4, 'ana')];

it('[WEB13] "Seen" stands under the last own message that everybody else has read', () => {
  expect(seenOffset(items, [member('ana', 4), member('ben', 0)], 'ana')).toBeNull();
  expect(seenOffset(items, [member('ana', 4), member('ben', 2)], 'ana')).toBe(1);
  expect(seenOffset(items, [member('ana', 4), member('ben', 9)], 'ana')).toBe(4);
  expect(seenOffset(items, [member('ana', 4), member('ben', 9), member('cleo', 3)], 'ana')).toBe(3);
  expect(seenOffset(items, [member('ana', 4)], 'ana')).toBeNull();
});
