/** Posting under faults, and the check of what was acknowledged: each once, in order, without holes. */
import { randomUUID } from 'node:crypto';
import { expect } from 'vitest';
import { ProtocolError } from '../../../protocol/index.ts';
import type { Store } from '../../../src/store/store.ts';
import { openGroup, people, tick } from './fixtures.ts';

interface Post {
  readonly threadId: string;
  readonly senderId: string;
  readonly clientMessageId: string;
  readonly body: string;
}

export interface Burst {
  readonly acknowledged: Map<string, number>;
  readonly refused: Post[];
}

export interface Room {
  readonly threadId: string;
  readonly members: readonly string[];
}

/** Threads of three whose members overlap. */
export const rooms = async (store: Store, count: number): Promise<Room[]> => {
  const userIds = await people(store, 6);
  return Promise.all(
    Array.from({ length: count }, async (_, index) => {
      const members = [0, 1, 2].map((step) => userIds[(index + step) % userIds.length]!);
      return { threadId: await openGroup(store, members), members };
    }),
  );
};

/** Posts from so many lanes until told to stop; rejections other than `unavailable` fail. */
export const burst = (
  stores: readonly Store[],
  rooms: readonly Room[],
  lanes: number,
): { readonly posts: Burst; stop(): Promise<Burst> } => {
  const posts: Burst = { acknowledged: new Map(), refused: [] };
  let isOver = false;
  const lane = async (number: number): Promise<void> => {
    for (let turn = number; !isOver; turn += 1) {
      const { threadId, members } = rooms[turn % rooms.length]!;
      const clientMessageId = randomUUID();
      const post = { threadId, senderId: members[turn % members.length]!, clientMessageId, body: `Body of ${clientMessageId}` };
      try {
        const { result } = await stores[turn % stores.length]!.postMessage({ ...post, at: tick() });
        posts.acknowledged.set(clientMessageId, result.message.offset);
      } catch (error) {
        expect(error).toBeInstanceOf(ProtocolError);
        expect((error as ProtocolError).code).toBe('unavailable');
        posts.refused.push(post);
      }
    }
  };
  const running = Promise.all(Array.from({ length: lanes }, (_, number) => lane(number)));
  return {
    posts,
    async stop() {
      isOver = true;
      await running;
      return posts;
    },
  };
};

/** Offsets by client message id; expects no hole and none twice. */
const messagesOf = async (store: Store, { threadId, members }: Room): Promise<Map<string, number>> => {
  const found = new Map<string, number>();
  let after = 0;
  for (let more = true; more; ) {
    const page = await store.history(members[0]!, { threadId, after, limit: 100 });
    for (const event of page.events) {
      after += 1;
      expect(event.offset).toBe(after);
      if (event.type !== 'message.posted') continue;
      expect(found.has(event.message.clientMessageId)).toBe(false);
      found.set(event.message.clientMessageId, event.offset);
    }
    ({ more } = page);
  }
  return found;
};

/** Sends again what was refused, and expects that everything is there exactly once, where it was acknowledged to be. */
export const expectExactlyOnce = async (
  store: Store,
  rooms: readonly Room[],
  { acknowledged, refused }: Burst,
): Promise<void> => {
  const before = new Map((await Promise.all(rooms.map((room) => messagesOf(store, room)))).flatMap((found) => [...found]));
  for (const [id, offset] of acknowledged) expect(before.get(id)).toBe(offset);
  for (const post of refused) {
    const { result } = await store.postMessage({ ...post, at: tick() });
    const stored = before.get(post.clientMessageId);
    expect(result.message.offset).toBe(stored ?? result.message.offset);
    acknowledged.set(post.clientMessageId, result.message.offset);
  }
  const after = new Map((await Promise.all(rooms.map((room) => messagesOf(store, room)))).flatMap((found) => [...found]));
  expect([...after.keys()].sort()).toEqual([...acknowledged.keys()].sort());
  for (const [id, offset] of acknowledged) expect(after.get(id)).toBe(offset);
  await expectWholeInboxes(store, new Set(rooms.flatMap(({ members }) => members)));
};

/** Positions up to the head, none missing, as far back as they are replayed. */
const expectWholeInboxes = async (store: Store, userIds: Iterable<string>): Promise<void> => {
  for (const userId of userIds) {
    const head = (await store.heads([userId])).get(userId)!;
    const recovery = await store.since(userId, { epoch: store.epoch, position: Math.max(0, head - 1_000) });
    expect(recovery.recovered).toBe(true);
    if (!recovery.recovered) continue;
    const first = Math.max(0, head - 1_000);
    expect(recovery.entries.map(({ position }) => position)).toEqual(
      Array.from({ length: head - first }, (_, index) => first + 1 + index),
    );
  }
};
