/** What must be true of messages: each acknowledged one is there once, in its last acknowledged state, and nothing else is. */
import { isDeepStrictEqual } from 'node:util';
import type { Message, ThreadEvent, ThreadId } from '../../../protocol/index.ts';
import { trailOf, type Violation } from '../evidence.ts';
import { type Call, type History, isCall } from '../history.ts';

export const messagesOf = (events: readonly ThreadEvent[]): Message[] =>
  events.flatMap((event) => (event.type === 'message.posted' ? [event.message] : []));

/** A thread's history as its members were given it; the longest, when they differ. */
export const historiesOf = ({ end }: History): Map<ThreadId, readonly ThreadEvent[]> => {
  const histories = new Map<ThreadId, readonly ThreadEvent[]>();
  for (const { histories: given } of end.truths)
    for (const [threadId, events] of given)
      if (events.length > (histories.get(threadId)?.length ?? -1)) histories.set(threadId, events);
  return histories;
};

const keyOf = (senderId: string, threadId: string, clientMessageId: string): string =>
  `${threadId} ${senderId} ${clientMessageId}`;

export const judgeMessages = (history: History): Violation[] => {
  const violations: Violation[] = [];
  const histories = historiesOf(history);
  const posts = history.calls.filter((call) => isCall(call, 'message.post'));
  const posted = Map.groupBy(posts, (call) => keyOf(call.userId, call.payload.threadId, call.payload.clientMessageId));

  // Every member is given the same.
  for (const { userId, histories: given } of history.end.truths)
    for (const [threadId, events] of given)
      if (!isDeepStrictEqual(events, histories.get(threadId)))
        violations.push({
          rule: 'differs',
          says: `${userId} is given another history of thread ${threadId} than another member`,
          trail: trailOf(history, { threadId, userId }),
        });

  const stored = new Map<string, Message[]>();
  for (const [threadId, events] of histories) {
    const offsets = events.map(({ offset }) => offset);
    if (offsets.some((offset, index) => index > 0 && offset <= (offsets[index - 1] ?? 0)))
      violations.push({ rule: 'order', says: `the history of thread ${threadId} is out of order`, trail: [] });
    for (const message of messagesOf(events)) {
      const key = keyOf(message.senderId, threadId, message.clientMessageId);
      stored.set(key, [...(stored.get(key) ?? []), message]);
    }
  }

  for (const [key, messages] of stored) {
    const [message] = messages as [Message];
    const about = { threadId: message.threadId, offset: message.offset, clientMessageId: message.clientMessageId };
    if (messages.length > 1)
      violations.push({
        rule: 'duplicate',
        says: `message ${message.clientMessageId} of ${message.senderId} is there ${messages.length} times`,
        trail: trailOf(history, about),
      });
    const own = posted.get(key) ?? [];
    if (own.length === 0)
      violations.push({
        rule: 'invented',
        says: `nobody posted message ${message.clientMessageId} of ${message.senderId}`,
        trail: trailOf(history, about),
      });
    else if (own.every(({ outcome }) => outcome === 'failed'))
      violations.push({
        rule: 'refused',
        says: `message ${message.clientMessageId} was refused and is there`,
        trail: trailOf(history, about),
      });
  }

  for (const [key, calls] of posted) {
    const acknowledged = calls.find(({ outcome }) => outcome === 'acknowledged');
    if (acknowledged === undefined) continue;
    const { threadId, clientMessageId } = acknowledged.payload;
    // A thread that everybody has left is read by nobody.
    if (!histories.has(threadId)) continue;
    const [message] = stored.get(key) ?? [];
    const told = acknowledged.result?.message.offset;
    if (message === undefined)
      violations.push({
        rule: 'lost',
        says: `message ${clientMessageId} of ${acknowledged.userId} was acknowledged and is gone`,
        trail: trailOf(history, { threadId, clientMessageId }),
      });
    else if (told !== undefined && told !== message.offset)
      violations.push({
        rule: 'order',
        says: `message ${clientMessageId} was acknowledged at offset ${told} and is at ${message.offset}`,
        trail: trailOf(history, { threadId, clientMessageId, offset: message.offset }),
      });
    else violations.push(...judgeState(history, message, calls));
  }
  return violations;
};

/** The message is as one of the writes left it that no later acknowledged one replaced. */
const judgeState = (history: History, message: Message, posts: readonly Call<'message.post'>[]): Violation[] => {
  const { threadId, offset, clientMessageId } = message;
  const trail = (): string[] => trailOf(history, { threadId, offset, clientMessageId });
  const onIt = (call: Call): boolean => {
    const payload = call.payload as { threadId?: string; offset?: number };
    return payload.threadId === threadId && payload.offset === offset && call.userId === message.senderId;
  };
  const deletes = history.calls.filter((call) => isCall(call, 'message.delete')).filter(onIt);
  const deleted = deletes.find(({ outcome }) => outcome === 'acknowledged');
  if (message.deletedAt !== null) {
    if (deletes.every(({ outcome }) => outcome === 'failed'))
      return [{ rule: 'invented', says: `message ${clientMessageId} is deleted and nobody did it`, trail: trail() }];
    if (message.body !== '')
      return [{ rule: 'resurrected', says: `message ${clientMessageId} is deleted and has a body`, trail: trail() }];
    return [];
  }
  if (deleted !== undefined)
    return [{ rule: 'resurrected', says: `message ${clientMessageId} was deleted and is back`, trail: trail() }];
  const edits = history.calls.filter((call) => isCall(call, 'message.edit')).filter(onIt);
  const writes: { seq: number; endedSeq: number; body: string; certain: boolean }[] = [...posts.slice(0, 1), ...edits]
    .filter(({ outcome }) => outcome !== 'failed')
    .map((call) => ({
      seq: call.seq,
      // A post stands before any edit of it; an unanswered write may have come to pass at any time since.
      endedSeq:
        call.type === 'message.post' ? call.seq : call.outcome === 'acknowledged' ? (call.endedSeq ?? Infinity) : Infinity,
      body: call.payload.body,
      certain: call.outcome === 'acknowledged',
    }));
  const candidates = writes.filter((write) => !writes.some((later) => later.certain && later.seq > write.endedSeq));
  if (candidates.some(({ body }) => body === message.body)) return [];
  return [
    {
      rule: 'edit',
      says: `message ${clientMessageId} says "${message.body}" and should say "${candidates.map(({ body }) => body).join('" or "')}"`,
      trail: trail(),
    },
  ];
};
