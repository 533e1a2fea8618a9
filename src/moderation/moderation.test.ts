import { randomBytes } from 'node:crypto';
import pino from 'pino';
import { describe, expect, it, onTestFinished } from 'vitest';
import { caseFor, rejected } from '../../test/contracts/store/fixtures.ts';
import { createFakeClock } from '../../test/support/fake-clock.ts';
import { until } from '../../test/support/until.ts';
import { createSealer } from '../safety/sealer.ts';
import { openSqliteStore } from '../store/sqlite-store.ts';
import { CLAIM_MS, createModeration, type Effects, placeOf } from './moderation.ts';

const newKey = () => randomBytes(32).toString('base64');

/** Moderation on a store in memory; what it does and tells is written down. `fail` makes effects fail. */
const scene = async (keys: [string, ...string[]] = [newKey()]) => {
  const store = await openSqliteStore({ path: ':memory:' });
  onTestFinished(() => store.close());
  const clock = createFakeClock();
  const done: string[] = [];
  const told: string[] = [];
  let failing = false;
  const note = (what: string): Promise<void> => {
    if (failing) return Promise.reject(new Error('The store is away.'));
    done.push(what);
    return Promise.resolve();
  };
  const effects: Effects = {
    granted: ({ subjectId }, text) => note(`granted ${subjectId} ${text}`),
    refused: ({ subjectId }) => note(`refused ${subjectId}`),
  };
  const join = () => {
    const moderation = createModeration({
      store,
      sealer: createSealer(keys),
      effects,
      tell: ({ list }) => told.push(list),
      clock,
      log: pino({ level: 'silent' }),
    });
    onTestFinished(() => moderation.close());
    return moderation;
  };
  const fail = (now: boolean) => {
    failing = now;
  };
  const open = (text: string | null = 'Write to me.') => {
    const { caseId: _, seal: __, at: ___, ...opened } = caseFor('ann');
    return join().openWithText(opened, text);
  };
  return { store, clock, done, told, join, fail, open, moderation: join() };
};

describe('moderation', () => {
  it('[MO6] an effect that failed is tried again, by any gateway that starts or sweeps, until it was carried out', async () => {
    const { moderation, open, done, fail, join, clock, store } = await scene();
    const { caseId } = (await open()).case;
    fail(true);
    await moderation.decide({ caseId, moderatorId: 'mo', outcome: 'granted', reason: 'Harmless.' });
    expect([done, (await store.caseOf(caseId))!.effectDue]).toEqual([[], 'granted']);
    const other = join();
    await other.start();
    expect(done).toEqual([]);
    fail(false);
    clock.advance(61_000);
    await until('the effect', () => done.length > 0);
    expect(done).toEqual(['granted ann Write to me.']);
    await until('it to be settled', async () => (await store.caseOf(caseId))!.effectDue === null);
    await join().start();
    expect(done).toHaveLength(1);
  });

  it('[MO6] what was decided by a gateway that died at once is carried out at the next start', async () => {
    const { store, open, done, join } = await scene();
    const { caseId } = (await open()).case;
    await store.decideCase({ caseId, moderatorId: 'mo', outcome: 'refused', reason: 'An address.', at: 1 });
    await join().start();
    expect(done).toEqual(['refused ann']);
  });

  it('[MO5] a second look that reverses is carried out, one that confirms does nothing again', async () => {
    const { moderation, open, done } = await scene();
    const [one, other] = [(await open()).case.caseId, (await open('Other.')).case.caseId];
    for (const caseId of [one, other]) await moderation.decide({ caseId, moderatorId: 'mo', outcome: 'refused', reason: 'No.' });
    await moderation.review({ caseId: one, moderatorId: 'ma', verdict: 'reversed', reason: 'Yes.' });
    await moderation.review({ caseId: other, moderatorId: 'ma', verdict: 'confirmed', reason: 'No.' });
    expect(done).toEqual(['refused ann', 'refused ann', 'granted ann Write to me.']);
  });

  it('[MO9] the text of a case is shown with an entry of the log before; never to whom the case is about', async () => {
    const { moderation, open, store } = await scene();
    const { caseId } = (await open()).case;
    const shown = await moderation.read(caseId, { moderatorId: 'mo', via: 'socket' });
    expect(shown).toMatchObject({ text: 'Write to me.', sealProblem: null, case: { caseId }, thread: null, messages: [] });
    expect(Object.keys(shown.case)).not.toContain('seal');
    await rejected(moderation.read(caseId, { moderatorId: 'ann', via: 'host' }), 'forbidden');
    const entries = await store.auditEntries({ after: 0, limit: 10 });
    expect(entries.map(({ action, actor }) => [action, actor])).toEqual([
      ['case.opened', null],
      ['original.opened', 'mo'],
      ['original.refused', 'ann'],
    ]);
    expect(JSON.stringify(entries)).not.toContain('Write to me');
  });

  it('[MO10] a seal of a lost key is said to be one, and the case can still be decided', async () => {
    const first = await scene();
    const { caseId } = (await first.open()).case;
    const stored = (await first.store.caseOf(caseId))!;
    const later = await scene();
    await later.store.openCase({ ...caseFor('ann'), caseId, seal: stored.seal });
    const shown = await later.moderation.read(caseId, { moderatorId: 'mo', via: 'host' });
    expect(shown.text).toBeNull();
    expect(shown.sealProblem).toContain('safety.sealKeys');
    await later.moderation.decide({ caseId, moderatorId: 'mo', outcome: 'granted', reason: 'Anyway.' });
    expect(later.done).toEqual(['granted ann null']);
    // A seal that was put elsewhere is none there.
    const moved = { ...caseFor('ann'), seal: createSealer([newKey()]).seal('Text', placeOf(caseId)) };
    await later.store.openCase(moved);
    expect((await later.moderation.read(moved.caseId, { moderatorId: 'mo', via: 'host' })).text).toBeNull();
  });

  it('[MO7] a claim lasts ten minutes', async () => {
    const { moderation, open, clock } = await scene();
    const { caseId } = (await open()).case;
    await moderation.claim(caseId, 'mo', true);
    expect((await moderation.claim(caseId, 'ma', true)).claim?.moderatorId).toBe('mo');
    clock.advance(CLAIM_MS);
    expect((await moderation.claim(caseId, 'ma', true)).claim?.moderatorId).toBe('ma');
  });
});
