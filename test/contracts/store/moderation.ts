/** The contract for cases, blocks and the audit log. */
import { randomUUID } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { canonical, verifyChain } from '../../../src/store/audit.ts';
import type { Store } from '../../../src/store/store.ts';
import {
  caseFor,
  contractFor,
  type OpenStore,
  openGroup,
  people,
  post,
  profile,
  proposed,
  rejected,
  ringing,
  sendMessage,
  tick,
  unique,
  useStore,
  withStore,
} from './fixtures.ts';

const decide = (store: Store, caseId: string, moderatorId: string | null, outcome: 'granted' | 'refused', reason = 'So it is.') =>
  store.decideCase({ caseId, moderatorId, outcome, reason, at: tick() });
const review = (store: Store, caseId: string, moderatorId: string, verdict: 'confirmed' | 'reversed') =>
  store.reviewCase({ caseId, moderatorId, verdict, reason: 'I looked.', at: tick() });

/** All entries about a subject. */
const told = async (store: Store, subject: string) => {
  const entries = [];
  for (let after = 0; ; ) {
    const page = await store.auditEntries({ after, limit: 100 });
    entries.push(...page.filter((entry) => entry.subject === subject));
    if (page.length < 100) return entries;
    after = page.at(-1)!.seq;
  }
};

const list = async (store: Store, which: 'waiting' | 'decided' | 'closed', caseIds: readonly string[]) => {
  const found = [];
  for (let after: { at: number; caseId: string } | undefined; ; ) {
    const page = await store.cases({ list: which, after, limit: 2 });
    found.push(...page.cases.map(({ caseId }) => caseId));
    if (page.next === null) return found.filter((caseId) => caseIds.includes(caseId));
    after = page.next;
  }
};

export const moderationContract = (open: OpenStore): void => {
  describe('cases', () => {
    const context = useStore(open);

    it('[MO1] a case is opened once for its key, also when it is opened by several at once, and keeps the seal as it came', async () => {
      const { store } = context;
      const key = unique('key');
      const seal = Buffer.from([0, 1, 2, 255]);
      const attempts = await Promise.all([1, 2, 3].map(() => store.openCase(caseFor('ann', { key, seal }))));
      expect(attempts.filter(({ created }) => created)).toHaveLength(1);
      const { caseId } = attempts[0]!.case;
      expect(new Set(attempts.map((attempt) => attempt.case.caseId))).toEqual(new Set([caseId]));
      const stored = await store.caseByKey(key);
      expect(stored).toMatchObject({
        caseId,
        state: 'waiting',
        list: 'waiting',
        subjectId: 'ann',
        decision: null,
        effectDue: null,
      });
      expect(Buffer.from(stored!.seal!)).toEqual(seal);
      expect(await store.caseOf(caseId)).toEqual(stored);
      // Words of the text are in the seal alone.
      const finding = { category: 'email', rule: 'a-rule', confidence: 0.9, spans: [], action: 'mask', advice: 'Wait.' } as const;
      const weighed = caseFor('ann', { findings: [{ ...finding, spans: [], words: ['gmail'] }] });
      expect((await store.openCase(weighed)).case.findings).toEqual([finding]);
      expect(await store.caseByKey('no-such-key')).toBeUndefined();
      expect((await told(store, caseId)).map(({ action }) => action)).toEqual(['case.opened']);
    });

    it('[MO2] waiting cases are listed oldest first, the others newest first, by kind and by pages', async () => {
      const { store } = context;
      const opened = [];
      for (const kind of ['hold', 'appeal', 'report', 'hold', 'appeal'] as const) {
        opened.push((await store.openCase(caseFor('bea', { kind }))).case.caseId);
      }
      expect(await list(store, 'waiting', opened)).toEqual(opened);
      await decide(store, opened[0]!, 'mo', 'refused');
      await decide(store, opened[3]!, 'mo', 'granted');
      await decide(store, opened[1]!, null, 'granted');
      expect(await list(store, 'waiting', opened)).toEqual([opened[2], opened[4]]);
      expect(await list(store, 'decided', opened)).toEqual([opened[3], opened[0]]);
      expect(await list(store, 'closed', opened)).toEqual([opened[1]]);
      const { cases } = await store.cases({ list: 'waiting', kind: 'report', limit: 100 });
      expect(new Set(cases.map(({ kind }) => kind))).toEqual(new Set(['report']));
      expect((await store.casesAbout('bea', 2)).map(({ caseId }) => caseId)).toEqual([opened[1], opened[3]]);
    });

    it('[MO3] what waits in a thread is found by its kind, and a held first message once the contract of its proposal has begun', async () => {
      const { store } = context;
      const threadId = randomUUID();
      const first = (await store.openCase(caseFor('cy', { threadId }))).case;
      const second = (await store.openCase(caseFor('cy', { threadId }))).case;
      await store.openCase(caseFor('cy', { threadId, kind: 'appeal' }));
      const ids = async (found: ReturnType<Store['waitingCases']>) => (await found).map(({ caseId }) => caseId);
      expect(await ids(store.waitingCases(threadId, 'hold'))).toEqual([first.caseId, second.caseId]);
      await decide(store, first.caseId, null, 'granted');
      expect(await ids(store.waitingCases(threadId, 'hold'))).toEqual([second.caseId]);

      const { clientId, freelancerId, proposalId } = await proposed(store);
      const { caseId } = (await store.openCase(caseFor(clientId, { proposalId }))).case;
      await store.openCase(caseFor(clientId, { proposalId, kind: 'appeal' }));
      const put = (status: 'offered' | 'active' | 'ended', version: number) =>
        store.putContract(unique('contract'), contractFor(clientId, freelancerId, { proposalId, status, version }), tick());
      const overtaken = async () => (await store.overtakenHolds(1_000)).filter((held) => held.proposalId === proposalId);
      await put('offered', 1);
      expect(await overtaken()).toEqual([]);
      await put('active', 1);
      expect((await overtaken()).map((held) => held.caseId)).toEqual([caseId]);
      await decide(store, caseId, null, 'granted');
      expect(await overtaken()).toEqual([]);
    });

    it('[MO4] a case is decided once, with a reason; the same again changes nothing, anything else is a conflict', async () => {
      const { store } = context;
      const { caseId } = (await store.openCase(caseFor('dee', { openedBy: 'dan', kind: 'appeal' }))).case;
      await rejected(decide(store, caseId, 'mo', 'granted', '  '), 'invalid');
      await rejected(decide(store, caseId, 'dee', 'granted'), 'forbidden');
      await rejected(decide(store, caseId, 'dan', 'granted'), 'forbidden');
      await rejected(decide(store, randomUUID(), 'mo', 'granted'), 'not_found');
      const rivals = await Promise.allSettled([decide(store, caseId, 'mo', 'granted'), decide(store, caseId, 'ma', 'refused')]);
      expect(rivals.map(({ status }) => status).toSorted()).toEqual(['fulfilled', 'rejected']);
      const { decision, state, effectDue } = (await store.caseOf(caseId))!;
      expect([state, effectDue]).toEqual([decision!.outcome, decision!.outcome]);
      const again = await decide(store, caseId, decision!.moderatorId, decision!.outcome);
      expect(again.changed).toBe(false);
      const refusal = await rejected(decide(store, caseId, decision!.moderatorId, decision!.outcome, 'Because.'), 'conflict');
      expect(refusal.details.conflictsWith).toBe(decision!.moderatorId);
      expect((await told(store, caseId)).map(({ action, actor }) => [action, actor])).toEqual([
        ['case.opened', 'dan'],
        ['case.decided', decision!.moderatorId],
      ]);
    });

    it('[MO5] a second look is another moderator’s, once; it confirms, or reverses and is then carried out', async () => {
      const { store } = context;
      const { caseId } = (await store.openCase(caseFor('eve'))).case;
      await rejected(review(store, caseId, 'ma', 'confirmed'), 'conflict');
      await decide(store, caseId, 'mo', 'refused');
      await store.settleEffect({ caseId, outcome: 'refused', at: tick() });
      await rejected(review(store, caseId, 'mo', 'reversed'), 'forbidden');
      await rejected(review(store, caseId, 'eve', 'reversed'), 'forbidden');
      const { case: looked } = await review(store, caseId, 'ma', 'reversed');
      expect(looked).toMatchObject({ state: 'granted', list: 'closed', effectDue: 'granted', decision: { outcome: 'refused' } });
      expect((await review(store, caseId, 'ma', 'reversed')).changed).toBe(false);
      await rejected(review(store, caseId, 'mu', 'confirmed'), 'conflict');
      const other = (await store.openCase(caseFor('eve'))).case;
      await decide(store, other.caseId, 'mo', 'granted');
      await store.settleEffect({ caseId: other.caseId, outcome: 'granted', at: tick() });
      expect((await review(store, other.caseId, 'ma', 'confirmed')).case).toMatchObject({ state: 'granted', effectDue: null });
      expect((await told(store, caseId)).map(({ action }) => action)).toEqual([
        'case.opened',
        'case.decided',
        'case.effect',
        'case.reviewed',
      ]);
    });

    it('[MO6] what was decided is due until it was carried out; an outcome that was reversed meanwhile settles nothing', async () => {
      const { store } = context;
      const { caseId } = (await store.openCase(caseFor('fay'))).case;
      const due = async (before: number) => (await store.effectsDue({ before, limit: 100 })).some((one) => one.caseId === caseId);
      await decide(store, caseId, 'mo', 'granted');
      const { at } = (await store.caseOf(caseId))!.decision!;
      expect(await due(at)).toBe(false);
      expect(await due(at + 1)).toBe(true);
      await review(store, caseId, 'ma', 'reversed');
      await store.settleEffect({ caseId, outcome: 'granted', at: tick() });
      expect((await store.caseOf(caseId))!.effectDue).toBe('refused');
      await store.settleEffect({ caseId, outcome: 'refused', at: tick() });
      await store.settleEffect({ caseId, outcome: 'refused', at: tick() });
      expect(await due(tick() + 1_000_000)).toBe(false);
      expect((await told(store, caseId)).filter(({ action }) => action === 'case.effect')).toHaveLength(1);
    });

    it('[MO7] who has claimed a case decides it alone, until the claim is over or let go', async () => {
      const { store } = context;
      const { caseId } = (await store.openCase(caseFor('gil'))).case;
      const at = tick();
      const claim = (moderatorId: string, until: number | null, when = at) =>
        store.claimCase({ caseId, moderatorId, until, at: when });
      expect((await claim('mo', at + 100)).claim).toEqual({ moderatorId: 'mo', until: at + 100 });
      expect((await claim('ma', at + 500)).claim).toEqual({ moderatorId: 'mo', until: at + 100 });
      expect((await claim('ma', null)).claim).toEqual({ moderatorId: 'mo', until: at + 100 });
      const refusal = await rejected(
        store.decideCase({ caseId, moderatorId: 'ma', outcome: 'granted', reason: 'Me.', at }),
        'conflict',
      );
      expect(refusal.details).toMatchObject({ conflictsWith: 'mo', retryAfterMs: 100 });
      expect((await claim('ma', at + 900, at + 100)).claim).toEqual({ moderatorId: 'ma', until: at + 900 });
      expect((await claim('ma', null, at + 100)).claim).toBeNull();
      const decided = await store.decideCase({ caseId, moderatorId: 'mu', outcome: 'granted', reason: 'Me.', at: at + 101 });
      expect(decided.case.claim).toBeNull();
      expect((await claim('mo', at + 999)).claim).toBeNull();
    });

    it('[RB2] a report is withdrawn by who made it while it waits, and may be made again', async () => {
      const { store } = context;
      const key = unique('report');
      const { caseId } = (await store.openCase(caseFor('hal', { kind: 'report', key, openedBy: 'ida' }))).case;
      const withdraw = (userId: string, which = caseId) => store.withdrawCase({ caseId: which, userId, at: tick() });
      await rejected(withdraw('hal'), 'not_found');
      expect((await withdraw('ida')).case).toMatchObject({ state: 'withdrawn', list: 'closed' });
      expect((await withdraw('ida')).changed).toBe(false);
      await rejected(decide(store, caseId, 'mo', 'granted'), 'gone');
      const again = await store.openCase(caseFor('hal', { kind: 'report', key, openedBy: 'ida' }));
      expect(again.created).toBe(true);
      await decide(store, again.case.caseId, 'mo', 'granted');
      await rejected(withdraw('ida', again.case.caseId), 'conflict');
      // A person may do something else tomorrow; a message is what it is.
      expect((await store.openCase(caseFor('hal', { kind: 'report', key, openedBy: 'ida' }))).created).toBe(true);
      const message = { kind: 'report' as const, key: unique('report'), openedBy: 'ida', offset: 7 };
      const first = (await store.openCase(caseFor('hal', message))).case;
      await decide(store, first.caseId, 'mo', 'refused');
      expect(await store.openCase(caseFor('hal', message))).toMatchObject({ created: false, case: { state: 'refused' } });
      expect((await told(store, caseId)).map(({ action }) => action)).toEqual(['case.opened', 'case.withdrawn']);
    });

    it('[MO8] a moderator sees the messages around one, or the last ones, without being a member', async () => {
      const { store } = context;
      const { clientId, freelancerId, proposalId } = await proposed(store);
      const { threadId } = (await sendMessage(store, proposalId, clientId)).result;
      for (let index = 0; index < 10; index += 1) await post(store, threadId, index % 2 === 0 ? freelancerId : clientId);
      const around = await store.conversation({ threadId, offset: 7, limit: 5 });
      expect(around).toMatchObject({ thread: { threadId, kind: 'proposal', contract: 'before' } });
      expect(around!.messages.map(({ offset }) => offset)).toEqual([5, 6, 7, 8, 9]);
      const last = await store.conversation({ threadId, offset: null, limit: 3 });
      expect(last!.messages.map(({ offset }) => offset)).toEqual([10, 11, 12]);
      expect(await store.conversation({ threadId: randomUUID(), offset: null, limit: 3 })).toBeUndefined();
    });
  });

  describe('blocks', () => {
    const context = useStore(open);

    it('[RB3] who was blocked posts, edits and calls no more in direct and proposal threads with the other; deleting and group threads go on', async () => {
      const { store } = context;
      const { clientId, freelancerId, proposalId } = await proposed(store);
      const { threadId } = (await sendMessage(store, proposalId, clientId)).result;
      const [third] = (await people(store, 1)) as [string];
      const group = await openGroup(store, [clientId, freelancerId, third]);
      const direct = await openGroup(store, [clientId, freelancerId], 'direct');
      const others = await openGroup(store, [freelancerId, third], 'direct');
      const before = await post(store, threadId, freelancerId, 'Before', 'said-before-it');
      const block = (blocked: boolean) => store.setBlock({ userId: clientId, otherId: freelancerId, blocked, at: tick() });
      expect([await block(true), await block(true)]).toEqual([{ changed: true }, { changed: false }]);

      for (const where of [threadId, direct]) {
        const refusal = await rejected(post(store, where, freelancerId), 'forbidden');
        expect(refusal.message).not.toMatch(/block/i);
        const interview = ringing(where, freelancerId, [clientId]);
        await rejected(store.changeInterview({ interview, actorId: freelancerId, at: tick() }), 'forbidden');
      }
      const target = { threadId, offset: before.offset, actorId: freelancerId };
      await rejected(store.editMessage({ ...target, body: 'After', at: tick() }), 'forbidden');
      await rejected(sendMessage(store, proposalId, freelancerId), 'forbidden');
      // What was posted is answered again; and what others do is nobody's business.
      expect((await post(store, threadId, freelancerId, 'Before', 'said-before-it')).offset).toBe(before.offset);
      await post(store, threadId, clientId);
      await post(store, group, freelancerId);
      await post(store, others, freelancerId);
      await store.deleteMessage({ ...target, at: tick() });
      // Also among posts that go together.
      const together = await Promise.allSettled(
        [direct, group, others, threadId].map((where) => post(store, where, freelancerId)),
      );
      expect(together.map(({ status }) => status)).toEqual(['rejected', 'fulfilled', 'fulfilled', 'rejected']);

      expect(await block(false)).toEqual({ changed: true });
      await post(store, threadId, freelancerId);
      await post(store, direct, freelancerId);
    });

    it('[RB4] a block is read from both sides, and keeps the two from seeing each other in threads of two', async () => {
      const { store } = context;
      const [me, other, third] = (await people(store, 3)) as [string, string, string];
      const direct = await openGroup(store, [me, other], 'direct');
      const group = await openGroup(store, [me, other, third]);
      await rejected(store.setBlock({ userId: me, otherId: me, blocked: true, at: tick() }), 'invalid');
      await rejected(store.setBlock({ userId: me, otherId: unique('nobody'), blocked: true, at: tick() }), 'not_found');
      const isApart = () =>
        Promise.all([me, other].flatMap((userId) => [direct, group].map((threadId) => store.isApart(userId, threadId))));
      const seen = async () => [
        await store.contactsAmong(me, [other, third]),
        await store.contactsAmong(other, [me, third]),
        await store.contactsAmong(third, [me, other]),
      ];
      expect(await isApart()).toEqual([false, false, false, false]);
      await store.setBlock({ userId: me, otherId: other, blocked: true, at: tick() });
      expect(await isApart()).toEqual([true, false, true, false]);
      expect((await seen()).map((userIds) => userIds.toSorted())).toEqual([[third], [third], [me, other].toSorted()]);
      expect(await store.blocksOf(me)).toEqual({ blocked: [other], blockedBy: [] });
      expect(await store.blocksOf(other)).toEqual({ blocked: [], blockedBy: [me] });
      await store.setBlock({ userId: me, otherId: other, blocked: false, at: tick() });
      expect(await isApart()).toEqual([false, false, false, false]);
      expect((await told(store, other)).map(({ action, actor }) => [action, actor])).toEqual([
        ['person.blocked', me],
        ['person.unblocked', me],
      ]);
    });

    it('[LI4] the age of an account is what the host platform said last', async () => {
      const { store } = context;
      const userId = unique('user');
      expect(await store.accountCreatedAt(userId)).toBeNull();
      await store.putUser(profile(userId), tick());
      expect(await store.accountCreatedAt(userId)).toBeNull();
      await store.putUser(profile(userId), tick(), 1_000);
      expect(await store.accountCreatedAt(userId)).toBe(1_000);
      await store.putUser(profile(userId, { headline: 'Other' }), tick());
      expect(await store.accountCreatedAt(userId)).toBe(1_000);
    });
  });

  describe('the audit log', () => {
    it('[AU1] entries are one chain, in the order of their numbers, also when many append at once and one is undone', async () => {
      await withStore(open, async ({ store, reopen }) => {
        const { caseId } = (await store.openCase(caseFor('jan'))).case;
        const appended = await Promise.allSettled([
          ...Array.from({ length: 20 }, (_, index) =>
            store.appendAudit({
              at: tick(),
              actor: index % 2 === 0 ? 'mo' : null,
              action: 'original.opened',
              subject: 'a “thing”',
              details: { z: [1, { b: 2, a: '\u2028é' }], a: null },
            }),
          ),
          ...['granted', 'refused'].map((outcome) => decide(store, caseId, 'mo', outcome as 'granted')),
        ]);
        expect(appended.filter(({ status }) => status === 'rejected')).toHaveLength(1);
        const entries = await (await reopen()).auditEntries({ after: 0, limit: 100 });
        expect(entries.map(({ seq }) => seq)).toEqual(Array.from({ length: 22 }, (_, index) => index + 1));
        async function* rows() {
          for (const { details, ...entry } of entries) yield { ...entry, details: canonical(details) };
        }
        expect(await verifyChain(rows())).toMatchObject({ entries: 22, broken: undefined, head: { seq: 22 } });
      });
    });
  });
};
