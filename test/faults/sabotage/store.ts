/** Stores that break what a store promises, one promise each. */
import type { InboxRecovery } from '../../../protocol/index.ts';
import type { Delivery, Store } from '../../../src/store/store.ts';

/** Every so many posts something goes wrong, so that most of the run looks well. */
const EVERY = 7;

const everySo = (): (() => boolean) => {
  let count = 0;
  return () => ++count % EVERY === 0;
};

/** The reply leaves a while before the commit. */
const acknowledgesEarly = <Broken extends Store>(store: Broken): Broken => ({
  ...store,
  async postMessage(post) {
    const { thread } = await store.thread(post.senderId, post.threadId);
    const { threadId, senderId, clientMessageId, body, at } = post;
    setTimeout(() => void store.postMessage(post).catch(() => {}), 1_000);
    const message = {
      threadId,
      offset: thread.head + 1,
      senderId,
      clientMessageId,
      body,
      postedAt: at,
      editedAt: null,
      deletedAt: null,
    };
    return { result: { message, replayed: false }, deliveries: [] };
  },
});

/** A push to one user is lost, and neither later positions nor the head say so. */
const losesPushes = <Broken extends Store>(store: Broken): Broken => {
  const victim = 'bob';
  const loses = everySo();
  let lost = 0;
  const shift = (recovery: InboxRecovery): InboxRecovery => ({ ...recovery, position: recovery.position - lost });
  const hide = (deliveries: readonly Delivery[]): Delivery[] =>
    deliveries.map((delivery) => ({
      ...delivery,
      positions: delivery.positions.map(([userId, position]) =>
        userId === victim ? ([userId, position - lost] as const) : ([userId, position] as const),
      ),
    }));
  return {
    ...store,
    async postMessage(post) {
      const written = await store.postMessage(post);
      if (!loses()) return { ...written, deliveries: hide(written.deliveries) };
      const deliveries = hide(written.deliveries).map((delivery) => ({
        ...delivery,
        positions: delivery.positions.filter(([userId]) => userId !== victim),
      }));
      if (written.deliveries.some(({ positions }) => positions.some(([userId]) => userId === victim))) lost += 1;
      return { ...written, deliveries };
    },
    async heads(userIds) {
      const heads = await store.heads(userIds);
      const head = heads.get(victim);
      return head === undefined ? heads : heads.set(victim, head - lost);
    },
    async since(userId, from) {
      if (userId !== victim) return store.since(userId, from);
      const recovery = await store.since(userId, from === undefined ? undefined : { ...from, position: from.position + lost });
      if (!recovery.recovered) return shift(recovery);
      const entries = recovery.entries.map((entry) => ({ ...entry, position: entry.position - lost }));
      return { ...recovery, position: recovery.position - lost, entries };
    },
  };
};

const postsTwice = <Broken extends Store>(store: Broken): Broken => {
  const twice = everySo();
  return {
    ...store,
    async postMessage(post) {
      const first = await store.postMessage(post);
      if (first.result.replayed || !twice()) return first;
      const second = await store.postMessage({ ...post, clientMessageId: `${post.clientMessageId.slice(0, 60)}-2` });
      return { result: first.result, deliveries: [...first.deliveries, ...second.deliveries] };
    },
  };
};

const losesEdits = <Broken extends Store>(store: Broken): Broken => ({
  ...store,
  async editMessage(edit) {
    const { events } = await store.history(edit.actorId, { threadId: edit.threadId, after: edit.offset - 1, limit: 1 });
    const [event] = events;
    if (event?.type !== 'message.posted' || event.message.senderId !== edit.actorId || event.message.deletedAt !== null)
      return store.editMessage(edit);
    return { result: { message: { ...event.message, body: edit.body, editedAt: edit.at } }, deliveries: [] };
  },
});

/** What was missed comes without its beginning, under the position of its end. */
const replaysAPart = <Broken extends Store>(store: Broken): Broken => ({
  ...store,
  async since(userId, from) {
    const recovery = await store.since(userId, from);
    return recovery.recovered
      ? { ...recovery, entries: recovery.entries.slice(Math.ceil(recovery.entries.length / 2)) }
      : recovery;
  },
});

/** What was deleted is left as it was, and the deletion acknowledged. */
const keepsDeleted = <Broken extends Store>(store: Broken): Broken => ({
  ...store,
  async deleteMessage(remove) {
    const { events } = await store.history(remove.actorId, { threadId: remove.threadId, after: remove.offset - 1, limit: 1 });
    const [event] = events;
    if (event?.type !== 'message.posted' || event.message.senderId !== remove.actorId) return store.deleteMessage(remove);
    return { result: { message: { ...event.message, body: '', deletedAt: remove.at } }, deliveries: [] };
  },
});

export const SABOTAGES = {
  'early-acknowledgement': acknowledgesEarly,
  'lost-push': losesPushes,
  'double-post': postsTwice,
  'lost-edit': losesEdits,
  'partial-replay': replaysAPart,
  'undead-message': keepsDeleted,
} as const;

export const sabotagedStore = <Broken extends Store>(store: Broken): Broken => {
  const named = process.env.PARLEY_TEST_SABOTAGE ?? '';
  return Object.hasOwn(SABOTAGES, named) ? SABOTAGES[named as keyof typeof SABOTAGES](store) : store;
};
