/** What a session has on screen: the threads whose typing and the people whose presence it hears. Only those who look hear it. */
import type { Payload, Result } from '../../protocol/index.ts';
import { type Hub, threadOf, topics } from '../hub.ts';
import type { PresenceTracker } from '../presence/presence.ts';
import type { ThreadStore } from '../store/store.ts';
import type { Session } from './session.ts';

export interface Watch {
  /** Replaces what the session watches. Threads and people it has no part in are passed over. */
  set(session: Session, watch: Payload<'session.watch'>): Promise<Result<'session.watch'>>;
  /** Of threads that the session is no longer part of, it hears no more. For what no push told this node of. */
  check(session: Session): Promise<void>;
}

export const createWatch = ({ hub, presence, store }: { hub: Hub; presence: PresenceTracker; store: ThreadStore }): Watch => ({
  async set(session, { threadIds, userIds }) {
    const { socket } = session;
    const [threads, users] = await Promise.all([
      store.threadsAmong(session.userId, threadIds),
      store.contactsAmong(session.userId, userIds),
    ]);
    const wanted = new Set([...threads.map(topics.typing), ...users.map(topics.presence)]);
    // The socket may have gone, and its topics with it, while we asked the store.
    if (session.socket !== socket) return { presence: [] };
    for (const topic of session.watched) if (!wanted.has(topic)) hub.unsubscribe(topic, session);
    session.watched = wanted;
    // What it heard before too: it may have been taken off, and be back.
    await Promise.all([...wanted].map((topic) => hub.subscribe(topic, session)));
    return { presence: await presence.get(users) };
  },
  async check(session) {
    const watched = [...session.watched].map(threadOf).filter((threadId) => threadId !== undefined);
    if (watched.length === 0) return;
    const kept = new Set(await store.threadsAmong(session.userId, watched));
    for (const threadId of watched) if (!kept.has(threadId)) hub.unsubscribe(topics.typing(threadId), session);
  },
});
