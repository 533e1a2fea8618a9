/** The contract for what the guard needs kept: seals, releases, and what decides over a text. */
import { randomUUID } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { GuardExceptions } from '../../../protocol/index.ts';
import type { Store } from '../../../src/store/store.ts';
import {
  contractFor,
  type OpenStore,
  people,
  post,
  proposed,
  rejected,
  sealed,
  sendMessage,
  tick,
  unique,
  useStore,
} from './fixtures.ts';

const ORIGINAL = 'Mine is mira@holt.example.';
const MASKED = 'Mine is •••••.';

export const guardContract = (open: OpenStore): void => {
  describe('what the guard keeps', () => {
    const context = useStore(open);

    const scene = async () => {
      const { store } = context;
      const hiring = await proposed(store);
      const { threadId } = (await sendMessage(store, hiring.proposalId, hiring.clientId)).result;
      const say = async (senderId: string, clientMessageId: string = randomUUID()) => {
        const { body, guarded } = sealed(ORIGINAL, MASKED);
        const { result } = await store.postMessage({ threadId, senderId, clientMessageId, body, guarded, at: tick() });
        return { ...result, guarded };
      };
      const begin = (change: Parameters<typeof contractFor>[2] = {}) => {
        const { clientId, freelancerId, proposalId } = hiring;
        const put = contractFor(clientId, freelancerId, { proposalId, status: 'active', ...change });
        return store.putContract(`contract of ${proposalId}`, put, tick());
      };
      const isDue = async () => (await store.dueReleases(1_000)).includes(threadId);
      return { store, ...hiring, threadId, say, begin, isDue };
    };
    const search = async (store: Store, userId: string, word: string) =>
      (await store.search(userId, { query: { words: [word], prefix: null }, limit: 10 })).messages;

    it('[GD1] [GD4] a masked message is read and found by its marks until it is released, and by its words from then on', async () => {
      const { store, threadId, clientId, freelancerId, say } = await scene();
      const { message, guarded } = await say(freelancerId);
      expect(message).toMatchObject({ body: MASKED, masked: guarded.masked });
      const read = async () => {
        const { events } = await store.history(clientId, { threadId, limit: 10 });
        const { thread } = await store.thread(clientId, threadId);
        return [events.find(({ offset }) => offset === message.offset), thread.lastMessage];
      };
      expect(await read()).toMatchObject([{ message }, message]);
      expect(await search(store, clientId, 'holt')).toEqual([]);
      const [kept] = await store.sealedIn(threadId, { after: 0, limit: 10 });
      expect(kept).toMatchObject({ message });
      expect(Buffer.from(kept!.seal).equals(Buffer.from(guarded.seal))).toBe(true);
      const release = { threadId, offset: message.offset, seal: guarded.seal, body: ORIGINAL, at: tick() };
      const { result, deliveries } = await store.releaseMessage(release);
      const { masked: _, ...plain } = message;
      const released = { ...plain, body: ORIGINAL };
      expect(result).toEqual({ released: true });
      expect(deliveries).toMatchObject([
        { event: { type: 'message.released', actorId: null, offset: message.offset + 1, message: released } },
      ]);
      expect(deliveries[0]!.positions.map(([userId]) => userId).toSorted()).toEqual([clientId, freelancerId].toSorted());
      expect(await read()).toEqual([expect.objectContaining({ message: released }), released]);
      expect(await search(store, clientId, 'holt')).toEqual([released]);
      expect(await store.sealedIn(threadId, { after: 0, limit: 10 })).toEqual([]);
      expect(await store.releaseMessage(release)).toEqual({ result: { released: false }, deliveries: [] });
    });

    it('[GD17] a seal that is no longer that of the message releases nothing', async () => {
      const { store, threadId, freelancerId, say } = await scene();
      const { message, guarded } = await say(freelancerId);
      const { offset } = message;
      const next = sealed('Mine is new@holt.example.', MASKED);
      const edit = { threadId, offset, actorId: freelancerId, ...next, at: tick() };
      expect((await store.editMessage(edit)).deliveries).toHaveLength(1);
      const release = { threadId, offset, body: ORIGINAL, at: tick() };
      expect((await store.releaseMessage({ ...release, seal: guarded.seal })).result.released).toBe(false);
      await store.editMessage({ threadId, offset, actorId: freelancerId, body: 'Nothing hidden.', at: tick() });
      expect(await store.ownMessage({ threadId, offset, userId: freelancerId })).toMatchObject({
        message: { body: 'Nothing hidden.' },
        seal: null,
      });
      expect((await store.releaseMessage({ ...release, seal: next.guarded.seal })).result.released).toBe(false);
      const other = await say(freelancerId);
      await store.deleteMessage({ threadId, offset: other.message.offset, actorId: freelancerId, at: tick() });
      const gone = { ...release, offset: other.message.offset, seal: other.guarded.seal };
      expect((await store.releaseMessage(gone)).result.released).toBe(false);
      expect(await store.sealedIn(threadId, { after: 0, limit: 10 })).toEqual([]);
    });

    it('[GD6] what was masked is known again by its original, released or not', async () => {
      const { store, threadId, freelancerId, say } = await scene();
      const id = randomUUID();
      const { message, guarded } = await say(freelancerId, id);
      const again = await say(freelancerId, id);
      expect(again).toMatchObject({ message, replayed: true });
      const plain = { threadId, senderId: freelancerId, clientMessageId: id, at: tick() };
      expect((await store.postMessage({ ...plain, body: ORIGINAL })).result).toEqual({ message, replayed: true });
      await rejected(store.postMessage({ ...plain, body: MASKED }), 'conflict');
      await rejected(store.postMessage({ ...plain, ...sealed('Another.', MASKED) }), 'conflict');
      await store.releaseMessage({ threadId, offset: message.offset, seal: guarded.seal, body: ORIGINAL, at: tick() });
      const replay = await store.postMessage({ ...plain, body: ORIGINAL });
      expect(replay.result).toMatchObject({ message: { body: ORIGINAL }, replayed: true });
      // What went through as it was is known by its text, also to a guard that would mask it now.
      const open = await post(store, threadId, freelancerId, ORIGINAL, randomUUID());
      const masked = { ...plain, clientMessageId: open.clientMessageId, ...sealed(ORIGINAL, MASKED) };
      expect((await store.postMessage(masked)).result).toEqual({ message: open, replayed: true });
    });

    it('[GD5] a thread is due from the step on in which its contract begins, until nothing in it is under seal', async () => {
      const { store, threadId, freelancerId, say, begin, isDue } = await scene();
      const { message, guarded } = await say(freelancerId);
      await begin({ status: 'offered' });
      expect(await isDue()).toBe(false);
      await begin({ version: 2 });
      expect(await isDue()).toBe(true);
      await store.settleRelease(threadId);
      expect(await isDue()).toBe(true);
      await store.releaseMessage({ threadId, offset: message.offset, seal: guarded.seal, body: ORIGINAL, at: tick() });
      await store.settleRelease(threadId);
      expect(await isDue()).toBe(false);
      // Judged before the contract, stored after it.
      const late = await say(freelancerId);
      expect(await isDue()).toBe(true);
      await store.releaseMessage({ threadId, offset: late.message.offset, seal: late.guarded.seal, body: ORIGINAL, at: tick() });
      await store.settleRelease(threadId);
      expect(await isDue()).toBe(false);
    });

    it('[GD10] what decides over a text: the contract, who speaks, what they said before, and whether it was said', async () => {
      const { store, threadId, proposalId, clientId, freelancerId, begin } = await scene();
      const [outsider] = (await people(store, 1)) as [string];
      for (const body of ['One.', 'Two.']) await post(store, threadId, freelancerId, body);
      await post(store, threadId, clientId, 'Between.');
      const own = await post(store, threadId, freelancerId, 'Three.', 'said-before');
      const gone = await post(store, threadId, freelancerId, 'Gone.');
      await store.deleteMessage({ threadId, offset: gone.offset, actorId: freelancerId, at: tick() });
      const place = { threadId };
      const speech = await store.speech({ place, userId: freelancerId, clientMessageId: own.clientMessageId });
      expect(speech).toEqual({
        threadId,
        contract: 'before',
        role: 'freelancer',
        exceptions: GuardExceptions.parse({}),
        earlier: ['One.', 'Two.', 'Three.'],
        isRepeated: true,
      });
      expect(await store.speech({ place, userId: clientId, clientMessageId: own.clientMessageId })).toMatchObject({
        role: 'client',
        isRepeated: false,
      });
      expect(await store.speech({ place: { proposalId }, userId: clientId })).toMatchObject({ threadId, role: 'client' });
      await rejected(store.speech({ place, userId: outsider }), 'not_member');
      await rejected(store.speech({ place: { proposalId }, userId: outsider }), 'forbidden');
      await rejected(store.speech({ place: { proposalId: 'no-such-proposal' }, userId: outsider }), 'not_found');
      await begin();
      expect(await store.speech({ place, userId: clientId })).toMatchObject({ contract: 'active' });
      const contractId = `contract of ${proposalId}`;
      expect(await store.speech({ place: { contractId }, userId: clientId })).toMatchObject({
        contract: 'active',
        threadId: null,
      });
      const unopened = await proposed(store);
      expect(await store.speech({ place: { proposalId: unopened.proposalId }, userId: unopened.clientId })).toMatchObject({
        threadId: null,
        contract: 'before',
        earlier: [],
      });
    });

    it('[GD12] exceptions of a thread, its proposal and its client come together, and each grant is in the audit log', async () => {
      const { store, threadId, proposalId, clientId, freelancerId } = await scene();
      const grant = (change: object) => GuardExceptions.parse(change);
      await store.putExceptions('thread', threadId, grant({ legalDocuments: true, allowedHosts: ['a.example'] }), tick());
      await store.putExceptions('proposal', proposalId, grant({ systemAccess: true, allowedHosts: ['b.example'] }), tick());
      await store.putExceptions('user', clientId, grant({ enterprise: true }), tick());
      const { exceptions } = await store.speech({ place: { threadId }, userId: freelancerId });
      expect({ ...exceptions, allowedHosts: exceptions.allowedHosts.toSorted() }).toEqual({
        enterprise: true,
        legalDocuments: true,
        systemAccess: true,
        allowedHosts: ['a.example', 'b.example'],
      });
      await store.putExceptions('user', clientId, null, tick());
      expect((await store.speech({ place: { threadId }, userId: clientId })).exceptions.enterprise).toBe(false);
      await rejected(store.putExceptions('thread', unique('thread'), grant({}), tick()), 'not_found');
      const entries = await store.auditEntries({ after: 0, limit: 1_000 });
      const about = entries.filter(({ subject }) => [threadId, proposalId, clientId].includes(subject));
      expect(about.map(({ action }) => action)).toEqual([
        'exception.granted',
        'exception.granted',
        'exception.granted',
        'exception.ended',
      ]);
    });
  });
};
