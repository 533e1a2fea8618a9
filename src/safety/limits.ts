/**
 * How much one person does: messages a minute, in all and in one thread by all, conversations begun a day, reports a day; less for accounts that
 * are new. And the same text sent to many threads within an hour, which opens a case. Counted by all gateways together.
 */

import { hash, randomUUID } from 'node:crypto';
import type { Logger } from 'pino';
import type { Config } from '../../config/index.ts';
import { type Message, ProtocolError, type ThreadId, type UserId } from '../../protocol/index.ts';
import type { Clock } from '../clock.ts';
import type { Moderation } from '../moderation/moderation.ts';
import type { ModerationStore } from '../store/moderation-store.ts';
import type { Counters } from './counters.ts';
import { fold } from './text/fold.ts';

export type LimitSettings = Config['safety']['limits'];

export interface Limits {
  /**
   * Throws `rate_limited` with the time to wait. What comes to nothing after all counts for its sender, and not for the thread, in which they
   * may have no say: call what this resolves with.
   */
  message(senderId: UserId, threadId: ThreadId | null): Promise<() => Promise<void>>;
  opening(userId: UserId): Promise<void>;
  report(userId: UserId): Promise<void>;
  /** A message that was posted: looks whether its text goes round. */
  posted(message: Message): Promise<void>;
}

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const DAY_MS = 24 * HOUR_MS;

/** How long an account's age is believed, and of how many. */
const AGE_KEPT_MS = 5 * MINUTE_MS;
const MOST_AGES = 50_000;

/** Shorter ones are said by everybody to everybody: "Thanks, that works for me!" */
const MIN_SAME_TEXT = 40;

export const createLimits = (options: {
  settings: LimitSettings;
  counters: Counters;
  store: Pick<ModerationStore, 'accountCreatedAt'>;
  moderation: Pick<Moderation, 'openWithText'>;
  clock: Clock;
  log: Logger;
}): Limits => {
  const { settings, counters, store, moderation, clock, log } = options;
  const ages = new Map<UserId, { createdAt: number | null; until: number }>();

  const createdAt = async (userId: UserId): Promise<number | null> => {
    const known = ages.get(userId);
    if (known !== undefined && known.until > clock.now()) return known.createdAt;
    const found = await store.accountCreatedAt(userId);
    ages.delete(userId);
    ages.set(userId, { createdAt: found, until: clock.now() + AGE_KEPT_MS });
    if (ages.size > MOST_AGES) ages.delete(ages.keys().next().value!);
    return found;
  };

  const isNew = async (userId: UserId): Promise<boolean> => {
    if (settings.newAccountDays === 0) return false;
    const at = await createdAt(userId);
    return at !== null && clock.now() - at < settings.newAccountDays * DAY_MS;
  };

  /** The stricter of two where 0 is no limit. */
  const stricter = (one: number, other: number): number =>
    one === 0 || other === 0 ? Math.max(one, other) : Math.min(one, other);

  const limitOf = async (userId: UserId, ordinary: number, whenNew: number): Promise<number> =>
    (await isNew(userId)) ? stricter(ordinary, whenNew) : ordinary;

  const take = async (key: string, limit: number, windowMs: number, what: string, mark: string = randomUUID()): Promise<void> => {
    if (limit === 0) return;
    const retryAfterMs = await counters.take(key, { limit, windowMs }, mark);
    if (retryAfterMs > 0) throw new ProtocolError('rate_limited', what, { retryAfterMs });
  };

  const gatherSame = async ({ senderId, threadId, offset, body }: Message): Promise<void> => {
    const folded = fold(body).text.replace(/\s+/g, ' ').trim();
    if (settings.sameTextThreads === 0 || folded.length < MIN_SAME_TEXT) return;
    const digest = hash('sha256', folded).slice(0, 32);
    const threads = await counters.gather(`same:${senderId}:${digest}`, threadId, HOUR_MS);
    if (threads < settings.sameTextThreads) return;
    await moderation.openWithText(
      {
        kind: 'report',
        key: `same:${senderId}:${digest}`,
        subjectId: senderId,
        openedBy: null,
        threadId,
        proposalId: null,
        offset,
        clientMessageId: null,
        category: 'spam',
        findings: [],
        reason: `The same text to ${threads} threads within an hour.`,
      },
      body,
    );
  };

  return {
    async message(senderId, threadId) {
      const limit = await limitOf(senderId, settings.messagesPerMinute, settings.newMessagesPerMinute);
      const inThread = threadId === null ? 0 : settings.messagesPerThreadMinute;
      const key = `thread:${threadId}`;
      const mark = randomUUID();
      const giveBack = async (): Promise<void> => {
        if (inThread > 0) await counters.giveBack(key, mark);
      };
      // Both are asked at once: a message waits for Redis one time.
      const [own, shared] = await Promise.allSettled([
        take(`messages:${senderId}`, limit, MINUTE_MS, 'You write too many messages; wait a little.'),
        take(key, inThread, MINUTE_MS, 'Too many messages are written in this conversation; wait a little.', mark),
      ]);
      if (shared.status === 'rejected') throw shared.reason;
      if (own.status === 'rejected') {
        await giveBack();
        throw own.reason;
      }
      return giveBack;
    },
    async opening(userId) {
      const limit = await limitOf(userId, settings.threadsPerDay, settings.newThreadsPerDay);
      await take(`openings:${userId}`, limit, DAY_MS, 'You have begun many conversations today; wait a while before the next.');
    },
    report: (userId) => take(`reports:${userId}`, settings.reportsPerDay, DAY_MS, 'You have reported a lot today; wait a while.'),
    async posted(message) {
      try {
        await gatherSame(message);
      } catch (error) {
        // The message is posted, whatever becomes of this.
        log.error({ err: error, threadId: message.threadId }, 'whether a text goes round could not be seen');
      }
    },
  };
};
