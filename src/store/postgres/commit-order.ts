/**
 * Answers of several connections, put back in the order of their commits.
 *
 * A later commit's answer may be read before an earlier one's, and whoever publishes in order of resolution would publish out
 * of order. Each delivery says which position it took in each inbox. If the one below was told here, a write resolves at once.
 * Otherwise the one below is another node's, or it is among the writes that are on their way right now: it committed first,
 * so it was sent before. So the write waits until it was told or those have all been answered, never for later ones.
 */
import type { Written } from '../store.ts';

export interface CommitOrder {
  /** Runs a write and resolves with what it resolves with, in order. One that rejects rejects at once. */
  run<Result extends Written<unknown>>(write: () => Promise<Result>): Promise<Result>;
}

/** The positions a write took in one inbox: one a delivery, consecutive. */
interface Turn {
  readonly userId: string;
  readonly first: number;
  readonly last: number;
}

interface Answer {
  readonly turns: readonly Turn[];
  /** Writes that were on their way when it came and are not answered yet. */
  before: number;
  isTold: boolean;
  resolve(): void;
}

/** A write on its way: the answers that came meanwhile and wait for it. */
type OnTheWay = Set<Answer>;

/** Inboxes whose last position is remembered. One that was forgotten costs some waiting, no order. */
const REMEMBERED = 100_000;

export const createCommitOrder = (remembered = REMEMBERED): CommitOrder => {
  const onTheWay = new Set<OnTheWay>();
  /** The last position told of each inbox, the longest silent first. */
  const told = new Map<string, number>();
  /** Answers that wait, by inbox, in order of position. */
  const waiting = new Map<string, Answer[]>();

  const tell = (answer: Answer): void => {
    for (const { userId, last } of answer.turns) {
      const before = told.get(userId) ?? 0;
      told.delete(userId);
      told.set(userId, Math.max(before, last));
      if (told.size > remembered) told.delete(told.keys().next().value!);
    }
    answer.isTold = true;
    answer.resolve();
  };

  const isNext = (answer: Answer): boolean =>
    answer.turns.every(
      ({ userId, first }) => waiting.get(userId)![0] === answer && (answer.before === 0 || first <= 1 + (told.get(userId) ?? 0)),
    );

  /** Tells this answer if it is next, and then those that waited for it. */
  const advance = (answer: Answer): void => {
    const candidates = [answer];
    for (let next = candidates.pop(); next !== undefined; next = candidates.pop()) {
      if (next.isTold || !isNext(next)) continue;
      tell(next);
      for (const { userId } of next.turns) {
        const queue = waiting.get(userId)!;
        queue.shift();
        if (queue.length === 0) waiting.delete(userId);
        else candidates.push(queue[0]!);
      }
    }
  };

  const enqueue = ({ userId, first }: Turn, answer: Answer): void => {
    const queue = waiting.get(userId) ?? [];
    const at = queue.findLastIndex((other) => firstIn(other, userId) < first) + 1;
    queue.splice(at, 0, answer);
    waiting.set(userId, queue);
  };

  /** `resolve` is called when it is its turn, before that of whoever waits for it. */
  const takeTurn = (turns: readonly Turn[], resolve: () => void): void => {
    const answer: Answer = { turns, before: onTheWay.size, isTold: false, resolve };
    for (const earlier of onTheWay) earlier.add(answer);
    for (const turn of turns) enqueue(turn, answer);
    advance(answer);
  };

  const answered = (write: OnTheWay): void => {
    onTheWay.delete(write);
    for (const answer of write) {
      answer.before -= 1;
      if (answer.before === 0) advance(answer);
    }
  };

  return {
    run: (write) =>
      new Promise((resolve, reject) => {
        const followers: OnTheWay = new Set();
        onTheWay.add(followers);
        write().then(
          (written) => {
            onTheWay.delete(followers);
            const turns = turnsIn(written);
            // It takes its place before those that waited for it are let go.
            if (turns.length > 0) takeTurn(turns, () => resolve(written));
            else resolve(written);
            answered(followers);
          },
          (error: unknown) => {
            answered(followers);
            reject(error);
          },
        );
      }),
  };
};

const firstIn = (answer: Answer, userId: string): number => answer.turns.find((turn) => turn.userId === userId)!.first;

const turnsIn = ({ deliveries }: Written<unknown>): Turn[] => {
  const turns = new Map<string, Turn>();
  for (const [userId, position] of deliveries.flatMap(({ positions }) => positions)) {
    turns.set(userId, { userId, first: turns.get(userId)?.first ?? position, last: position });
  }
  return [...turns.values()];
};
