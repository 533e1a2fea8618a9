/** What a session has on screen: the threads whose typing and the people whose presence it hears. Only those who look hear it. */
import type { Payload, Result } from '../../protocol/index.ts';
import { type Hub, topics } from '../hub.ts';
import type { PresenceTracker } from '../presence/presence.ts';
import type { ThreadStore } from '../store/store.ts';
import type { Session } from './session.ts';

export interface Watch {
  /** Replaces what the session watches. Threads and people it has no part in are passed over. */
  set(session: Session, watch: Payload<'session.watch'>): Promise<Result<'session.watch'>>;
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
    const added = [...wanted].filter((topic) => !session.watched.has(topic));
    session.watched = wanted;
    await Promise.all(added.map((topic) => hub.subscribe(topic, session)));
    return { presence: await presence.get(users) };
  },
});
