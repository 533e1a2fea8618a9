/** Random histories: what people do to a few threads, and devices that must always end up with what the store says. */
import { randomUUID } from 'node:crypto';
import fc from 'fast-check';
import { type Interview, ProtocolError } from '../../../protocol/index.ts';
import type { Delivery, Store, Written } from '../../../src/store/store.ts';
import { createDevice, type Device } from './device.ts';
import { openGroup, people, profile, proposalFor, proposed, ringing, tick, unique } from './fixtures.ts';

/** One thing that someone does; the numbers choose who, where and to what, among what there is by then. */
export const act = fc.record({
  kind: fc.oneof(
    { weight: 6, arbitrary: fc.constant('post' as const) },
    { weight: 4, arbitrary: fc.constantFrom('edit' as const, 'delete' as const, 'read' as const) },
    { weight: 2, arbitrary: fc.constantFrom('add' as const, 'remove' as const, 'interview' as const, 'mark' as const) },
    { weight: 1, arbitrary: fc.constantFrom('open' as const, 'propose' as const, 'profile' as const) },
    { weight: 3, arbitrary: fc.constant('catch up' as const) },
  ),
  who: fc.nat(),
  where: fc.nat(),
  what: fc.nat(),
});
export type Act = typeof act extends fc.Arbitrary<infer Value> ? Value : never;

const cancelled = (interview: Interview): Interview => ({ ...interview, state: 'cancelled', version: interview.version + 1 });

const PEOPLE = 5;

const pick = <Value>(values: readonly Value[], number: number): Value => values[number % values.length]!;

/** Plays the bursts and expects of every device, always online or seldom, that its copy is right whenever it is current. */
export const play = async (store: Store, bursts: readonly (readonly Act[])[]): Promise<void> => {
  const userIds = await people(store, PEOPLE);
  const { jobId, proposalId, clientId, freelancerId } = await proposed(store);
  const everyone = [...userIds, clientId, freelancerId];
  const threadIds = [await openGroup(store, everyone), await openGroup(store, userIds.slice(0, 2))];
  const online = await Promise.all(everyone.map((userId) => createDevice(store, userId)));
  const seldom = await Promise.all(everyone.map((userId) => createDevice(store, userId)));
  const pushes: Delivery[] = [];

  const deliver = async (write: Promise<Written<unknown>>): Promise<void> => {
    try {
      const { deliveries } = await write;
      pushes.push(...deliveries);
    } catch (error) {
      if (!(error instanceof ProtocolError)) throw error;
    }
  };

  const perform = async ({ kind, who, where, what }: Act): Promise<void> => {
    const userId = pick(everyone, who);
    const threadId = pick(threadIds, where);
    const offset = 1 + (what % 20);
    const at = tick();
    switch (kind) {
      case 'post':
        return deliver(
          store.postMessage({ threadId, senderId: userId, clientMessageId: randomUUID(), body: unique('body'), at }),
        );
      case 'edit':
        return deliver(store.editMessage({ threadId, offset, actorId: userId, body: unique('body'), at }));
      case 'delete':
        return deliver(store.deleteMessage({ threadId, offset, actorId: userId, at }));
      case 'read':
        return deliver(store.moveCursor({ threadId, userId, readOffset: offset, at }));
      case 'add':
        return deliver(store.addMember({ threadId, actorId: userId, userId: pick(everyone, what), role: 'admin', at }));
      case 'remove':
        return deliver(store.removeMember({ threadId, actorId: userId, userId: pick(everyone, what), at }));
      case 'mark': {
        const mark = pick(['archived', 'favourite', 'hidden', 'hidden'] as const, what);
        return deliver(store.markThread({ threadId, userId, [mark]: what % 3 > 0, at }));
      }
      case 'profile':
        return deliver(store.putUser(profile(userId, { headline: unique('headline') }), at));
      case 'interview': {
        const active = (await store.activeInterviews()).find((interview) => interview.threadId === threadId);
        const interview = active === undefined ? ringing(threadId, userId, []) : cancelled(active);
        return deliver(store.changeInterview({ interview, actorId: userId, at }));
      }
      case 'open': {
        const members = everyone.filter((_, index) => index !== what % everyone.length);
        const opened = { threadKey: unique('key'), threadId: randomUUID(), kind: 'group' as const, title: '', at };
        threadIds.push(opened.threadId);
        return deliver(store.openThread({ ...opened, members: members.map((userId) => ({ userId, role: 'admin' })) }));
      }
      case 'propose': {
        const status = pick(['proposed', 'messaged', 'interviewing', 'hired', 'declined', 'closed'] as const, what);
        if (where % 2 === 0) return deliver(store.putProposal(proposalId, proposalFor(jobId, freelancerId, { status }), at));
        const open = store.openProposalThread({
          proposalId,
          threadId: randomUUID(),
          senderId: clientId,
          clientMessageId: randomUUID(),
          body: unique('body'),
          at,
        });
        return deliver(open);
      }
      case 'catch up':
        return current(pick(seldom, who));
    }
  };

  for (const burst of bursts) {
    await Promise.all(burst.filter(({ kind }) => kind !== 'catch up').map(perform));
    for (const delivery of pushes.splice(0)) for (const device of online) await device.push(delivery);
    for (const rest of burst.filter(({ kind }) => kind === 'catch up')) await perform(rest);
  }
  for (const device of seldom) await current(device);
  for (const device of online) await device.verify();
};

const current = async (device: Device): Promise<void> => {
  await device.catchUp();
  await device.verify();
};
