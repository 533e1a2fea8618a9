/** The contract that makes resuming safe: an old state and the entries missed since are the fresh snapshot. */
import { randomUUID } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { InboxEvent, Interview } from '../../../protocol/index.ts';
import type { Store } from '../../../src/store/store.ts';
import { createDevice } from './device.ts';
import {
  contractFor,
  type OpenStore,
  openGroup,
  people,
  post,
  profile,
  proposalFor,
  proposed,
  ringing,
  sealed,
  sendMessage,
  tick,
  unique,
  useStore,
} from './fixtures.ts';
import { act, play } from './random-acts.ts';

/** Two people with an open proposal and a group of three, in which all have posted. */
const openScene = async (store: Store) => {
  const { clientId: me, freelancerId: other, proposalId, jobId } = await proposed(store);
  const [third] = (await people(store, 1)) as [string];
  const { threadId: proposalThread } = (await sendMessage(store, proposalId, me)).result;
  const group = await openGroup(store, [me, { userId: other, role: 'admin' }, third]);
  for (const userId of [me, other, third]) await post(store, group, userId);
  return { me, other, third, proposalId, jobId, proposalThread, group };
};
type Scene = Awaited<ReturnType<typeof openScene>>;

const over = (interview: Interview): Interview => ({ ...interview, state: 'cancelled', version: interview.version + 1 });

/** For each type of event, something that makes it happen. */
const ACTS: Record<InboxEvent['type'], (store: Store, scene: Scene) => Promise<unknown>> = {
  'thread.opened': (store, { me, other }) => openGroup(store, [other, me]),
  'member.joined': async (store, { me, group }) => {
    const [joining] = (await people(store, 1)) as [string];
    await store.addMember({ threadId: group, actorId: me, userId: joining, role: 'admin', at: tick() });
  },
  'member.left': (store, { third, group }) => store.removeMember({ threadId: group, actorId: third, userId: third, at: tick() }),
  'message.posted': (store, { other, group }) => post(store, group, other),
  'message.edited': async (store, { other, third, group }) => {
    const at = tick();
    await store.editMessage({ threadId: group, offset: 3, actorId: other, body: 'In the middle.', at });
    await store.editMessage({ threadId: group, offset: 4, actorId: third, body: 'The last.', at });
  },
  'message.deleted': async (store, { other, third, group }) => {
    await store.moveCursor({ threadId: group, userId: third, readOffset: 3, at: tick() });
    await store.deleteMessage({ threadId: group, offset: 3, actorId: other, at: tick() });
    await store.deleteMessage({ threadId: group, offset: 4, actorId: third, at: tick() });
  },
  'message.released': async (store, { other, third, group }) => {
    for (const senderId of [other, third]) {
      const { body, guarded } = sealed('Mine is ana@example.org.', 'Mine is •••••.');
      const clientMessageId = randomUUID();
      const posted = await store.postMessage({ threadId: group, senderId, clientMessageId, body, guarded, at: tick() });
      const { offset } = posted.result.message;
      await store.releaseMessage({ threadId: group, offset, seal: guarded.seal, body: 'Mine is ana@example.org.', at: tick() });
    }
  },
  'proposal.listed': async (store, { me, other, third, jobId }) => {
    const [proposalId, opened] = [unique('proposal'), unique('proposal')];
    await store.putProposal(opened, proposalFor(jobId, third), tick());
    await sendMessage(store, opened, me);
    await store.putProposal(proposalId, proposalFor(jobId, other), tick());
    await store.putProposal(proposalId, proposalFor(jobId, other, { managerId: third, status: 'declined' }), tick());
  },
  'proposal.changed': (store, { proposalId, jobId, other }) =>
    store.putProposal(proposalId, proposalFor(jobId, other, { status: 'hired' }), tick()),
  'contract.changed': async (store, { me, other, proposalId }) => {
    const contractId = unique('contract');
    const put = (status: 'offered' | 'active' | 'ended', version: number) =>
      store.putContract(contractId, contractFor(me, other, { proposalId, status, version }), tick());
    await put('offered', 1);
    await put('ended', 5);
    await put('active', 3);
    await store.putContract(unique('contract'), contractFor(me, other, { proposalId, status: 'active' }), tick());
    await store.openContractThread({
      contractId,
      threadId: randomUUID(),
      senderId: other,
      clientMessageId: randomUUID(),
      body: unique('body'),
      at: tick(),
    });
    await put('active', 6);
  },
  'interview.changed': async (store, { me, other, group, proposalThread }) => {
    const cancelled = ringing(group, me, [other]);
    await store.changeInterview({ interview: cancelled, actorId: me, at: tick() });
    await store.changeInterview({ interview: over(cancelled), actorId: me, at: tick() });
    const rings = ringing(proposalThread, other, [me]);
    await store.changeInterview({ interview: rings, actorId: other, at: tick() });
  },
  'cursor.moved': async (store, { me, other, group }) => {
    await store.moveCursor({ threadId: group, userId: me, readOffset: 2, at: tick() });
    await store.moveCursor({ threadId: group, userId: other, readOffset: 4, at: tick() });
    await post(store, group, other);
    await store.moveCursor({ threadId: group, userId: me, readOffset: 4, at: tick() });
    await post(store, group, other);
  },
  'marks.changed': async (store, { me, other, group, proposalThread }) => {
    const mark = (userId: string, threadId: string, change: object) =>
      store.markThread({ threadId, userId, ...change, at: tick() });
    await mark(me, group, { archived: true, hidden: true });
    await post(store, group, other);
    await mark(me, proposalThread, { favourite: true });
    await mark(me, proposalThread, { hidden: true });
    await mark(other, group, { hidden: true });
  },
  'user.changed': (store, { other }) => store.putUser(profile(other, { headline: unique('headline') }), tick()),
};

export const replayContract = (open: OpenStore): void => {
  describe('state equals the log', () => {
    const context = useStore(open);

    it.each(Object.keys(ACTS) as InboxEvent['type'][])(
      '[ST75] old state + missed entries = fresh snapshot, for %s',
      async (type) => {
        const { store } = context;
        const scene = await openScene(store);
        const devices = await Promise.all([scene.me, scene.other, scene.third].map((userId) => createDevice(store, userId)));
        const heads = await store.heads([scene.me]);
        await ACTS[type](store, scene);
        const recovery = await store.since(scene.me, { epoch: store.epoch, position: heads.get(scene.me)! });
        const types = recovery.recovered ? recovery.entries.map(({ event }) => event.type) : [];
        expect(types).toContain(type);
        for (const device of devices) {
          await device.catchUp();
          await device.verify();
        }
      },
    );

    it('[ST75] being added, removed and added again while away comes to the fresh snapshot', async () => {
      const { store } = context;
      const { me, other, group } = await openScene(store);
      const [joining] = (await people(store, 1)) as [string];
      const device = await createDevice(store, joining);
      const add = () => store.addMember({ threadId: group, actorId: me, userId: joining, role: 'member', at: tick() });
      const remove = () => store.removeMember({ threadId: group, actorId: me, userId: joining, at: tick() });
      for (const acts of [[add], [remove], [add, remove], [add, remove, add]]) {
        for (const act of acts) {
          await act();
          await post(store, group, other);
          await store.putUser(profile(other, { headline: unique('headline') }), tick());
          await store.moveCursor({ threadId: group, userId: me, readOffset: (await headOf(store, me, group)) - 1, at: tick() });
        }
        await device.catchUp();
        await device.verify();
      }
    });

    it('[ST75] a profile that changes while its person is away and in no thread is theirs to see', async () => {
      const { store } = context;
      const { me, group } = await openScene(store);
      const [alone] = (await people(store, 1)) as [string];
      const device = await createDevice(store, alone);
      const changed = profile(alone, { headline: unique('headline') });
      await store.putUser(changed, tick());
      const recovery = await store.since(alone, { epoch: store.epoch, position: 0 });
      expect(recovery).toMatchObject({ recovered: true, entries: [{ event: { type: 'user.changed', user: changed } }] });
      await device.catchUp();
      await store.addMember({ threadId: group, actorId: me, userId: alone, role: 'member', at: tick() });
      await device.catchUp();
      await device.verify();
    });

    it('[ST75] old state + missed entries = pushed state = fresh snapshot, after whatever happened', async () => {
      const { store } = context;
      const seed = Number(process.env.PARLEY_TEST_SEED ?? Math.floor(Math.random() * 2 ** 31));
      console.info(`state equals the log: PARLEY_TEST_SEED=${seed}`);
      const bursts = fc.array(fc.array(act, { minLength: 1, maxLength: 4 }), { minLength: 1, maxLength: 25, size: 'max' });
      await fc.assert(
        fc.asyncProperty(bursts, (burst) => play(store, burst)),
        { seed, numRuns: 60 },
      );
    }, 120_000);
  });
};

const headOf = async (store: Store, userId: string, threadId: string): Promise<number> =>
  (await store.thread(userId, threadId)).thread.head;
