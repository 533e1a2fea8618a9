/**
 * Announcements, live: every gateway knows those that have not ended, tells its sessions when one starts, changes, ends or is withdrawn, and is
 * told by the others when something was put. They start and end by the store's clock. A word between gateways that is lost is made
 * up for within half a minute.
 */
import type { Logger } from 'pino';
import {
  type Announcement,
  type Audience,
  concerns,
  isCurrent,
  type StoredAnnouncement,
  type UserId,
} from '../../protocol/index.ts';
import type { Clock } from '../clock.ts';
import type { Handlers } from '../handlers.ts';
import type { Hub } from '../hub.ts';
import { encodePush } from '../session/frame.ts';
import type { AnnouncementStore } from '../store/store.ts';

export interface Announcements {
  readonly handlers: Handlers<'announcement.list' | 'announcement.dismiss'>;
  /** Something was put or withdrawn here. */
  changed(): void;
  /** By what announcements find this person has changed here. */
  personChanged(userId: UserId): void;
  /** A word of another gateway may have been lost. */
  doubt(): void;
  /** The session has no socket, or is not here any more. */
  forget(sessionId: string): void;
  start(): Promise<void>;
  close(): void;
}

/** What gateways tell each other. */
type Word = { readonly news: 'changed' } | { readonly news: 'person'; readonly userId: UserId };

export const NEWS_TOPIC = 'news';

const LOOK_AGAIN_MS = 30_000;

/** A session that asked, and what it was told last. */
interface Hearer {
  readonly sessionId: string;
  readonly userId: UserId;
  person: Audience & { readonly dismissed: readonly string[] };
  /** Undefined until its list is answered. */
  told: string | undefined;
}

export const createAnnouncements = (options: {
  store: AnnouncementStore;
  hub: Pick<Hub, 'subscribe' | 'unsubscribe' | 'publish'>;
  clock: Clock;
  log: Logger;
  send: (sessionId: string, frame: string) => void;
  onCount: (current: number) => void;
}): Announcements => {
  const { store, hub, clock, log, send } = options;
  const hearers = new Map<string, Hearer>();
  let current: readonly StoredAnnouncement[] = [];
  let cancel = (): void => {};
  let looking: Promise<void> | undefined;
  let again = false;
  let closed = false;

  const listFor = (person: Hearer['person']): Announcement[] =>
    current
      .filter((one) => concerns(one, person) && !(one.dismissible && person.dismissed.includes(one.announcementId)))
      .map(({ audience: _, ...announcement }) => announcement);

  /** Encoded once for all who are to see the same, and kept once, until something changes. */
  let frames = new Map<string, string>();
  const frameFor = (person: Hearer['person']): string => {
    const list = listFor(person);
    const key = list.map(({ announcementId }) => announcementId).join(' ');
    const frame = frames.get(key) ?? encodePush({ push: 'announcements', announcements: list });
    frames.set(key, frame);
    return frame;
  };

  const tell = (hearer: Hearer): void => {
    if (hearer.told === undefined) return;
    const frame = frameFor(hearer.person);
    if (frame === hearer.told) return;
    hearer.told = frame;
    send(hearer.sessionId, frame);
  };

  const lookOnce = async (): Promise<void> => {
    let untilMs = LOOK_AGAIN_MS;
    try {
      const { now, announcements } = await store.pendingAnnouncements(clock.now());
      current = announcements.filter((one) => isCurrent(one, now));
      options.onCount(current.length);
      const turns = announcements.flatMap(({ startsAt, endsAt }) => [startsAt, endsAt ?? now]).filter((at) => at > now);
      untilMs = Math.min(untilMs, ...turns.map((at) => at - now));
      frames = new Map();
      for (const hearer of hearers.values()) tell(hearer);
    } catch (error) {
      log.warn({ err: error }, 'the announcements could not be looked up; they stay as they are');
    }
    if (!closed) cancel = clock.after(untilMs, () => void look());
  };

  const look = (): Promise<void> => {
    if (closed) return Promise.resolve();
    again = looking !== undefined;
    looking ??= (async () => {
      do {
        again = false;
        cancel();
        await lookOnce();
      } while (again && !closed);
      looking = undefined;
    })();
    return looking;
  };

  const lookAt = async (userId: UserId): Promise<void> => {
    const theirs = [...hearers.values()].filter((hearer) => hearer.userId === userId);
    if (theirs.length === 0) return;
    try {
      const person = await store.audienceOf(userId);
      for (const hearer of theirs) {
        hearer.person = person;
        tell(hearer);
      }
    } catch (error) {
      log.warn({ err: error }, 'what a person has put away could not be looked up; their next list has it');
    }
  };

  const listener = {
    userId: '',
    push(frame: string): void {
      const word = JSON.parse(frame) as Word;
      if (word.news === 'changed') void look();
      else void lookAt(word.userId);
    },
  };
  const say = (word: Word): void => hub.publish(NEWS_TOPIC, JSON.stringify(word));

  return {
    handlers: {
      async 'announcement.list'({ sessionId, userId }) {
        const hearer: Hearer = { sessionId, userId, person: { country: null, kind: null, dismissed: [] }, told: undefined };
        hearers.set(sessionId, hearer);
        hearer.person = await store.audienceOf(userId);
        const announcements = listFor(hearer.person);
        const frame = frameFor(hearer.person);
        // After the reply, so that what changes meanwhile is not overtaken by it.
        setImmediate(() => {
          hearer.told = frame;
          if (hearers.get(sessionId) === hearer) tell(hearer);
        });
        return { announcements };
      },
      async 'announcement.dismiss'({ userId }, { announcementId }) {
        const { changed } = await store.dismissAnnouncement({ userId, announcementId, at: clock.now() });
        if (changed) say({ news: 'person', userId });
        return {};
      },
    },
    changed: () => say({ news: 'changed' }),
    personChanged: (userId) => say({ news: 'person', userId }),
    doubt: () => void look(),
    forget: (sessionId) => void hearers.delete(sessionId),
    async start() {
      // Looked at once more when the others can be heard, so that nothing falls between the two. Who is not heard yet holds up nothing.
      void hub.subscribe(NEWS_TOPIC, listener).then(() => look());
      await look();
    },
    close() {
      closed = true;
      cancel();
      hub.unsubscribe(NEWS_TOPIC, listener);
    },
  };
};
