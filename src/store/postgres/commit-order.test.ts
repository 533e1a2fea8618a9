import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Written } from '../store.ts';
import { createCommitOrder } from './commit-order.ts';

type Positions = readonly (readonly [string, number])[];

const written = (positions: Positions): Written<Positions> => ({
  result: positions,
  deliveries: [
    {
      event: {
        type: 'user.changed',
        at: 1,
        user: { userId: 'u', displayName: '', headline: '', avatarUrl: null, timeZone: null },
      },
      positions,
    },
  ],
});

/** Lets everything that can happen now happen. */
const settle = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

describe('the order of commits', () => {
  it('[ST95] answers that are read in any order resolve in the order of positions, and none waits for ever', async () => {
    await fc.assert(
      fc.asyncProperty(
        // Writes to some inboxes, some by another node, and the order in which the answers are read.
        fc.array(fc.record({ inboxes: fc.subarray(['a', 'b', 'c', 'd'], { minLength: 1 }), isOurs: fc.boolean() }), {
          maxLength: 12,
        }),
        fc.infiniteStream(fc.nat()),
        async (commits, random) => {
          const heads = new Map<string, number>();
          const ours: Positions[] = [];
          for (const { inboxes, isOurs } of commits) {
            const positions = inboxes.map((inbox) => {
              heads.set(inbox, (heads.get(inbox) ?? 0) + 1);
              return [inbox, heads.get(inbox)!] as const;
            });
            if (isOurs) ours.push(positions);
          }
          const order = createCommitOrder();
          const told: Positions[] = [];
          const answers = ours.map((positions) => {
            const { promise, resolve } = Promise.withResolvers<Written<Positions>>();
            void order.run(() => promise).then(({ result }) => told.push(result));
            return () => resolve(written(positions));
          });
          while (answers.length > 0) {
            const [answer] = answers.splice(random.next().value % answers.length, 1);
            answer!();
            if (random.next().value % 2 === 0) await settle();
          }
          await settle();
          expect(told.length).toBe(ours.length);
          const last = new Map<string, number>();
          for (const [inbox, position] of told.flat()) {
            expect(position).toBeGreaterThan(last.get(inbox) ?? 0);
            last.set(inbox, position);
          }
        },
      ),
      { numRuns: 300 },
    );
  });

  it("[ST95] a write whose predecessor is another node's waits for those that were on their way, not for later ones", async () => {
    const order = createCommitOrder();
    const told: string[] = [];
    const pending = Promise.withResolvers<Written<Positions>>();
    order
      .run(() => pending.promise)
      .then(
        () => told.push('pending'),
        () => {},
      );
    void order.run(async () => written([['a', 7]])).then(() => told.push('seven'));
    const later = Promise.withResolvers<Written<Positions>>();
    await settle();
    void order.run(() => later.promise).then(() => told.push('later'));
    expect(told).toEqual([]);
    pending.reject(new Error('refused'));
    await settle();
    expect(told).toEqual(['seven']);
  });

  it('[ST95] a write that rejects does so at once and lets the others go on', async () => {
    const order = createCommitOrder();
    await expect(order.run(() => Promise.reject(new Error('no')))).rejects.toThrow('no');
    expect((await order.run(async () => written([['a', 5]]))).result).toEqual([['a', 5]]);
  });
});
