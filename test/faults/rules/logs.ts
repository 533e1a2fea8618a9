/** What must be true of a witness's log: no holes, nothing twice, nothing back in time, and folded it is what the server has. */
import { isDeepStrictEqual } from 'node:util';
import type { InboxEvent, Interview, Message, ThreadEvent, ThreadId, ThreadSummary, UserId } from '../../../protocol/index.ts';
import { isActive } from '../../../protocol/index.ts';
import { trailOf, type Violation } from '../evidence.ts';
import { type History, isCall, type Told } from '../history.ts';
import { messagesOf } from './messages.ts';

/** A thread as a witness folded it, by nothing but the definition of each event. */
interface Model {
  head: number;
  readonly messages: Map<number, Message>;
  readonly cursors: Map<UserId, number>;
  interview: Interview | null;
}

const modelOf = (thread: ThreadSummary, events: readonly ThreadEvent[] = []): Model => ({
  head: thread.head,
  messages: new Map(messagesOf(events).map((message) => [message.offset, message])),
  cursors: new Map(thread.members.map(({ userId, readOffset }) => [userId, readOffset])),
  interview: thread.interview,
});

/** What an event says of messages, cursors and the interview. */
const absorb = (model: Model, threadId: ThreadId, event: InboxEvent): void => {
  if (!('threadId' in event) || event.threadId !== threadId) return;
  if (event.type === 'message.posted') model.messages.set(event.offset, event.message);
  if (event.type === 'message.edited' || event.type === 'message.deleted')
    model.messages.set(event.message.offset, event.message);
  if (event.type === 'member.joined') model.cursors.set(event.member.userId, event.member.readOffset);
  if (event.type === 'member.left') model.cursors.delete(event.userId);
  if (event.type === 'interview.changed') model.interview = isActive(event.interview) ? event.interview : null;
  const before = event.type === 'cursor.moved' ? model.cursors.get(event.userId) : undefined;
  if (event.type === 'cursor.moved' && before !== undefined) model.cursors.set(event.userId, Math.max(before, event.readOffset));
};

export const unreadOf = (messages: Iterable<Message>, me: UserId, readOffset: number): number =>
  [...messages].filter(({ senderId, offset, deletedAt }) => senderId !== me && offset > readOffset && deletedAt === null).length;

export const judgeLogs = (history: History): Violation[] =>
  [...Map.groupBy(history.told, ({ userId }) => userId)].flatMap(([userId, told]) => judgeLog(history, userId, told));

const judgeLog = (history: History, userId: UserId, told: readonly Told[]): Violation[] => {
  const violations: Violation[] = [];
  const threads = new Map<ThreadId, Model>();
  /** Threads whose history is on its way: joined, or named in a snapshot. */
  const awaited = new Set<ThreadId>();
  const deletedAt = new Map<string, number>();
  for (const call of history.calls)
    if (isCall(call, 'message.delete') && call.outcome === 'acknowledged' && call.endedSeq !== undefined)
      deletedAt.set(`${call.payload.threadId} ${call.payload.offset}`, call.endedSeq);
  let position = 0;
  let epoch: string | undefined;

  const find = (rule: string, says: string, threadId: ThreadId, offset?: number): void => {
    const about = { threadId, userId, ...(offset === undefined ? {} : { offset }) };
    violations.push({ rule, says: `witness of ${userId}: ${says}`, trail: trailOf(history, about) });
  };
  const seeMessage = (message: Message, askedSeq: number): void => {
    const gone = deletedAt.get(`${message.threadId} ${message.offset}`);
    if (gone !== undefined && askedSeq > gone && message.deletedAt === null)
      find('resurrected', 'was given a message after its deletion was acknowledged', message.threadId, message.offset);
  };

  const advance = (model: Model, event: ThreadEvent, how: 'push' | 'replay', askedSeq: number): void => {
    const { threadId, offset } = event;
    if (offset <= model.head) {
      // Of what was fetched, the log may still tell.
      if (!awaited.has(threadId) && !model.messages.has(offset))
        find('duplicate', `applied ${event.type} again`, threadId, offset);
    } else if (offset !== model.head + 1)
      find('hole', `offset ${offset} followed ${model.head} in thread ${threadId}`, threadId, offset);
    model.head = Math.max(model.head, offset);
    if (event.type === 'message.posted' && how === 'replay') seeMessage(event.message, askedSeq);
    if (event.type === 'message.edited') {
      const held = model.messages.get(event.message.offset);
      if (held?.deletedAt != null && event.message.deletedAt === null && how === 'push')
        find('resurrected', 'applied an edit after the deletion', threadId, event.message.offset);
    }
    absorb(model, threadId, event);
  };

  for (const each of told) {
    if (epoch !== undefined && each.epoch !== epoch)
      violations.push({
        rule: 'epoch',
        says: `witness of ${userId}: the epoch changed from ${epoch} to ${each.epoch}`,
        trail: [],
      });
    epoch = each.epoch;
    if (each.is === 'stands' || each.is === 'snapshot' || each.is === 'entry') {
      const back = each.is === 'entry' ? each.position <= position : each.position < position;
      if (back)
        violations.push({
          rule: 'position',
          says: `witness of ${userId}: position ${each.position} came after ${position}`,
          trail: [],
        });
      if (each.is === 'entry' && each.how === 'push' && each.position !== position + 1)
        violations.push({
          rule: 'hole',
          says: `witness of ${userId}: position ${each.position} was pushed after ${position}`,
          trail: [],
        });
      position = Math.max(position, each.position);
    }
    if (each.is === 'snapshot') {
      threads.clear();
      for (const thread of each.threads) {
        threads.set(thread.threadId, modelOf(thread));
        awaited.add(thread.threadId);
      }
    }
    if (each.is === 'fetched') {
      const known = threads.get(each.thread.threadId);
      const fetched = modelOf(each.thread, each.events);
      for (const message of fetched.messages.values()) seeMessage(message, each.askedSeq);
      // The log goes on from where the witness stands, not from where the page does.
      if (known !== undefined) fetched.head = known.head;
      if (known !== undefined) threads.set(each.thread.threadId, fetched);
      // What the log told while the pages were on their way is newer than the summary.
      for (const late of told)
        if (late.is === 'entry' && late.seq > each.askedSeq && late.seq < each.seq)
          absorb(fetched, each.thread.threadId, late.event);
      awaited.delete(each.thread.threadId);
    }
    if (each.is !== 'entry' || !('threadId' in each.event)) continue;
    const { event, how, askedSeq } = each;
    const model = threads.get(event.threadId);
    if (event.type === 'cursor.moved') {
      const before = model?.cursors.get(event.userId);
      if (before !== undefined && event.readOffset < before && how === 'push' && !awaited.has(event.threadId))
        find('cursor', `the read cursor of ${event.userId} went back from ${before} to ${event.readOffset}`, event.threadId);
      if (before !== undefined) model?.cursors.set(event.userId, Math.max(before, event.readOffset));
    } else if (event.type === 'thread.opened') {
      const cursors = new Map(event.members.map((member) => [member.userId, member.readOffset]));
      threads.set(event.threadId, { head: event.offset, messages: new Map(), cursors, interview: null });
    } else if (event.type === 'member.left' && event.userId === userId) {
      threads.delete(event.threadId);
    } else if (event.type === 'member.joined' && event.member.userId === userId && model === undefined) {
      threads.set(event.threadId, {
        head: event.offset,
        messages: new Map(),
        cursors: new Map([[userId, event.member.readOffset]]),
        interview: null,
      });
      awaited.add(event.threadId);
    } else if (event.type === 'marks.changed') {
      // One's own, and no part of what happens in the thread.
    } else if (model !== undefined) advance(model, event, how, askedSeq);
    else find('hole', `${event.type} of a thread that is not held`, event.threadId, event.offset);
  }
  return [...violations, ...judgeFold(history, userId, threads, position)];
};

/** The log folded is what a fresh session is given. */
const judgeFold = (history: History, userId: UserId, threads: ReadonlyMap<ThreadId, Model>, position: number): Violation[] => {
  const truth = history.end.truths.find((each) => each.userId === userId);
  if (truth === undefined) return [];
  const violations: Violation[] = [];
  const find = (rule: string, says: string, threadId?: ThreadId, offset?: number): void => {
    const about = threadId === undefined ? undefined : { threadId, userId, ...(offset === undefined ? {} : { offset }) };
    const trail = about === undefined ? [] : trailOf(history, about);
    violations.push({ rule, says: `witness of ${userId}: ${says}`, trail });
  };
  if (position !== truth.position) find('behind', `stands at position ${position} and the inbox at ${truth.position}`);
  for (const threadId of threads.keys())
    if (!truth.threads.some((thread) => thread.threadId === threadId))
      find('state', `holds thread ${threadId}, and the server does not`);
  for (const thread of truth.threads) {
    const { threadId } = thread;
    const model = threads.get(threadId);
    if (model === undefined) {
      find('state', `was never told of thread ${threadId}`, threadId);
      continue;
    }
    if (model.head !== thread.head) find('state', `ends at offset ${model.head} and the thread at ${thread.head}`, threadId);
    for (const message of messagesOf(truth.histories.get(threadId) ?? [])) {
      const held = model.messages.get(message.offset);
      if (held === undefined) find('missed', `was never told of message ${message.clientMessageId}`, threadId, message.offset);
      else if (!isDeepStrictEqual(held, message))
        find(
          'state',
          `holds "${held.body}" at offset ${message.offset} and the server "${message.body}"`,
          threadId,
          message.offset,
        );
    }
    const cursors = new Map(thread.members.map((member) => [member.userId, member.readOffset]));
    for (const [memberId, readOffset] of cursors)
      if (model.cursors.get(memberId) !== readOffset)
        find(
          'cursor',
          `holds ${model.cursors.get(memberId)} as read offset of ${memberId} and the server ${readOffset}`,
          threadId,
        );
    if (!isDeepStrictEqual(model.interview, thread.interview))
      find('interview', `holds another interview of thread ${threadId}`, threadId);
    const unread = unreadOf(messagesOf(truth.histories.get(threadId) ?? []), userId, cursors.get(userId) ?? 0);
    if (thread.unread !== unread) find('unread', `${thread.unread} unread where there are ${unread}`, threadId);
  }
  return violations;
};
