/**
 * What a conversation shows, line by line: its timeline with day breaks, the mark before what is unread, and messages in
 * groups. Pure, so that the rules can be tested without a page.
 */
import type { PendingMessage, TimelineItem } from '../../../client/types.ts';
import type { Interview, Message, ThreadEvent, ThreadEventOf, UserId } from '../../../protocol/index.ts';
import { dayNumber, type Place } from '../lib/time.ts';

/** A message that is there, or on its way. */
export type ShownMessage =
  | { readonly state: 'sent'; readonly message: Message }
  | { readonly state: 'pending' | 'failed' | 'unconfirmed' | 'blocked' | 'held'; readonly message: PendingMessage };

export type Row =
  | { readonly kind: 'day'; readonly key: string; readonly at: number }
  | { readonly kind: 'unread'; readonly key: string }
  | {
      readonly kind: 'message';
      readonly key: string;
      readonly shown: ShownMessage;
      readonly senderId: UserId;
      readonly at: number;
      /** First and last of a run of messages by one person. */
      readonly first: boolean;
      readonly last: boolean;
    }
  | { readonly kind: 'interview'; readonly key: string; readonly interview: Interview }
  | {
      readonly kind: 'event';
      readonly key: string;
      readonly event: ThreadEventOf<'thread.opened' | 'member.joined' | 'member.left' | 'proposal.changed' | 'contract.changed'>;
    };

/** Messages of one person further apart than this are not one group. */
const GROUP_GAP_MS = 5 * 60_000;

interface Reading {
  readonly meId: UserId;
  /** The last offset that was read before; null for no mark. */
  readonly unreadAfter: number | null;
  readonly place?: Place;
}

export const rowsOf = (items: readonly TimelineItem[], { meId, unreadAfter, place = {} }: Reading): Row[] => {
  const rows: Row[] = [];
  const latest = latestInterviews(items);
  const shownInterviews = new Set<string>();
  let day: number | undefined;
  let marked = unreadAfter === null;

  for (const item of items) {
    const content = contentOf(item, meId);
    if (content === null) continue;
    if (content.kind === 'interview') {
      // An interview is one line, where it began, and says how it stands.
      const { interviewId } = content.interview;
      if (shownInterviews.has(interviewId)) continue;
      shownInterviews.add(interviewId);
    }
    const at = atOf(item);
    const itsDay = dayNumber(at, place);
    // Never back: a clock that differs from the server's must not make a second break of the same day.
    // The thread's opening introduces it, above any day.
    const isOpening = content.kind === 'event' && content.event.type === 'thread.opened';
    if (!isOpening && (day === undefined || itsDay > day)) {
      rows.push({ kind: 'day', key: `day:${itsDay}`, at });
      day = itsDay;
    }
    if (!marked && content.kind === 'message' && isUnread(content, meId, unreadAfter ?? 0)) {
      rows.push({ kind: 'unread', key: 'unread' });
      marked = true;
    }
    rows.push(rowOf(content, item, latest));
  }
  return grouped(rows);
};

const rowOf = (content: Content, item: TimelineItem, latest: ReadonlyMap<string, Interview>): Row => {
  switch (content.kind) {
    case 'message':
      return { ...content, key: item.key, at: atOf(item), first: true, last: true };
    case 'interview': {
      const { interviewId } = content.interview;
      return { kind: 'interview', key: `interview:${interviewId}`, interview: latest.get(interviewId) ?? content.interview };
    }
    case 'event':
      return { ...content, key: item.key };
  }
};

type Content =
  | { kind: 'message'; shown: ShownMessage; senderId: UserId }
  | { kind: 'interview'; interview: Interview }
  | { kind: 'event'; event: Extract<Row, { kind: 'event' }>['event'] };

const contentOf = (item: TimelineItem, meId: UserId): Content | null => {
  if (item.kind === 'pending') {
    return { kind: 'message', senderId: meId, shown: shownPending(item.message) };
  }
  const { event } = item;
  switch (event.type) {
    case 'message.posted':
      return { kind: 'message', senderId: event.message.senderId, shown: shownSent(event.message) };
    case 'interview.changed':
      return { kind: 'interview', interview: event.interview };
    case 'thread.opened':
    case 'member.joined':
    case 'member.left':
    case 'proposal.changed':
    case 'contract.changed':
      return { kind: 'event', event };
    case 'message.edited':
    case 'message.released':
    case 'message.deleted':
      return null;
  }
};

/** Made once for each state of a message, so that a row whose message did not change is not drawn again. */
const once = <Value extends object>(make: (message: Value) => ShownMessage): ((message: Value) => ShownMessage) => {
  const made = new WeakMap<Value, ShownMessage>();
  return (message) => {
    const shown = made.get(message) ?? make(message);
    made.set(message, shown);
    return shown;
  };
};
const shownSent = once<Message>((message) => ({ state: 'sent', message }));
const shownPending = once<PendingMessage>((message) => ({
  state: message.state === 'queued' || message.state === 'sending' ? 'pending' : message.state,
  message,
}));

const atOf = (item: TimelineItem): number => (item.kind === 'pending' ? item.message.createdAt : timeOf(item.event));
const timeOf = (event: ThreadEvent): number => (event.type === 'message.posted' ? event.message.postedAt : event.at);

const isUnread = ({ shown, senderId }: Extract<Content, { kind: 'message' }>, meId: UserId, after: number): boolean =>
  shown.state === 'sent' && senderId !== meId && shown.message.offset > after && shown.message.deletedAt === null;

const latestInterviews = (items: readonly TimelineItem[]): ReadonlyMap<string, Interview> => {
  const latest = new Map<string, Interview>();
  for (const item of items) {
    if (item.kind !== 'event' || item.event.type !== 'interview.changed') continue;
    latest.set(item.event.interview.interviewId, item.event.interview);
  }
  return latest;
};

/** Two neighbours are one group when the same person wrote them within minutes; anything between them parts them. */
const belongTogether = (a: Row | undefined, b: Row | undefined): boolean =>
  a?.kind === 'message' && b?.kind === 'message' && a.senderId === b.senderId && b.at - a.at < GROUP_GAP_MS;

const grouped = (rows: readonly Row[]): Row[] =>
  rows.map((row, index) =>
    row.kind === 'message'
      ? { ...row, first: !belongTogether(rows[index - 1], row), last: !belongTogether(row, rows[index + 1]) }
      : row,
  );
