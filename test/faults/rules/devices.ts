/** What must be true of devices: they end at what a fresh session is given, and on the way showed nothing untrue. */
import { isDeepStrictEqual } from 'node:util';
import type { UserId } from '../../../protocol/index.ts';
import { trailOf, type Violation } from '../evidence.ts';
import { type History, isCall } from '../history.ts';
import { historiesOf, messagesOf } from './messages.ts';

export const judgeDevices = (history: History): Violation[] => [
  ...judgeEnds(history),
  ...judgeShown(history),
  ...judgeCursors(history),
];

const judgeEnds = (history: History): Violation[] => {
  const violations: Violation[] = [];
  for (const { device, userId, status, threads, timelines, pending } of history.end.devices) {
    const truth = history.end.truths.find((each) => each.userId === userId);
    if (truth === undefined) continue;
    const find = (rule: string, says: string, trail: readonly string[] = []): void => {
      violations.push({ rule, says: `${device}: ${says}`, trail });
    };
    if (status !== 'online') find('stuck', `is ${status} though everything is healed`);
    for (const { threadId, clientMessageId, state } of pending)
      if (state !== 'failed')
        find('stuck', `message ${clientMessageId} is still ${state}`, trailOf(history, { threadId, clientMessageId }));
    for (const given of truth.threads) {
      const held = threads.find(({ threadId }) => threadId === given.threadId);
      if (held === undefined) find('state', `does not have thread ${given.threadId}`);
      else if (!isDeepStrictEqual(held, given)) {
        const keys = Object.keys(given).filter((key) => !isDeepStrictEqual(Reflect.get(held, key), Reflect.get(given, key)));
        const [key = ''] = keys;
        const differs = `${key} is ${JSON.stringify(Reflect.get(held, key))} and should be ${JSON.stringify(Reflect.get(given, key))}`;
        find('state', `differs in thread ${given.threadId}: ${differs}`, trailOf(history, { threadId: given.threadId, userId }));
      }
    }
    for (const held of threads)
      if (!truth.threads.some(({ threadId }) => threadId === held.threadId)) find('state', `still has thread ${held.threadId}`);
    for (const [threadId, events] of timelines) {
      const given = truth.histories.get(threadId);
      if (given === undefined || isDeepStrictEqual(events, given)) continue;
      const shown = new Map(events.map((event) => [event.offset, event]));
      const wrong = given.find((event) => !isDeepStrictEqual(shown.get(event.offset), event));
      for (const { offset } of given) shown.delete(offset);
      const offset = wrong?.offset ?? [...shown.keys()][0];
      const says = `shows another conversation in thread ${threadId}, ${events.length} events of ${given.length}, first at offset ${offset}`;
      find(
        wrong === undefined ? 'state' : 'missed',
        says,
        trailOf(history, { threadId, userId, ...(offset === undefined ? {} : { offset }) }),
      );
    }
  }
  return violations;
};

/** What was shown as sent is there, where it was shown; heads and orders never went back. */
const judgeShown = (history: History): Violation[] => {
  const violations: Violation[] = [];
  const histories = historiesOf(history);
  const stored = new Map<string, string>();
  for (const [threadId, events] of histories)
    for (const { offset, senderId, clientMessageId } of messagesOf(events))
      stored.set(`${threadId} ${offset}`, `${senderId} ${clientMessageId}`);
  const heads = new Map<string, number>();
  for (const { device, userId, threadId, head, messages, disorder } of history.shown) {
    const place = `${device} ${threadId}`;
    if (head > 0 && head < (heads.get(place) ?? 0))
      violations.push({
        rule: 'position',
        says: `${device}: the head of thread ${threadId} went back from ${heads.get(place)} to ${head}`,
        trail: trailOf(history, { threadId, userId }),
      });
    heads.set(place, Math.max(head, heads.get(place) ?? 0));
    if (disorder.length > 0)
      violations.push({
        rule: 'order',
        says: `${device}: showed thread ${threadId} out of order or twice at ${disorder.join(', ')}`,
        trail: trailOf(history, { threadId, userId }),
      });
    if (!histories.has(threadId)) continue;
    for (const { offset, senderId, clientMessageId } of messages)
      if (stored.get(`${threadId} ${offset}`) !== `${senderId} ${clientMessageId}`)
        violations.push({
          rule: 'unsent',
          says: `${device}: showed message ${clientMessageId} as sent at offset ${offset}, and it is not there`,
          trail: trailOf(history, { threadId, userId, clientMessageId }),
        });
  }
  return violations;
};

/** An acknowledged read cursor stands, or is further on. */
const judgeCursors = (history: History): Violation[] => {
  const reached = new Map<UserId, Map<string, number>>();
  for (const { userId, threads } of history.end.truths)
    for (const { threadId, members } of threads) {
      const own = members.find((member) => member.userId === userId);
      if (own !== undefined) reached.set(userId, (reached.get(userId) ?? new Map()).set(threadId, own.readOffset));
    }
  return history.calls
    .filter((call) => isCall(call, 'cursor.move'))
    .filter(({ outcome, userId, payload, result }) => {
      const stands = reached.get(userId)?.get(payload.threadId);
      return outcome === 'acknowledged' && stands !== undefined && stands < (result?.readOffset ?? 0);
    })
    .map(({ userId, payload }) => ({
      rule: 'cursor',
      says: `the read cursor of ${userId} was acknowledged at ${payload.readOffset} and is before that`,
      trail: trailOf(history, { threadId: payload.threadId, userId }),
    }));
};
