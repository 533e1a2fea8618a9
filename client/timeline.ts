/**
 * The loaded part of a conversation: events without a gap from the oldest loaded to the newest there is. Made of
 * pages of history and of what the log brings; edits, releases and deletes are folded into their message.
 */
import { type Message, type Offset, type ThreadEvent, TIMELINE_TYPES } from '../protocol/index.ts';

export interface Timeline {
  /** In offset order; the same array until it changes. */
  readonly events: readonly ThreadEvent[];
  readonly hasOlder: boolean;
  /** The newest page is there. */
  readonly loaded: boolean;
  /** The next event of the log. */
  apply(event: ThreadEvent): void;
  /** A message in the state that a reply gave; passed over when something newer is held. */
  acknowledge(message: Message): void;
  /** A page is on its way. It may be older than what the log brings meanwhile, which is remembered until the page is here. */
  expectPage(): ExpectedPage;
  /** Forgets everything; pages on their way are passed over. */
  clear(): void;
}

export interface ExpectedPage {
  /** The newest page; what was loaded before and is older goes. */
  newest(page: Page): void;
  older(page: Page): void;
  failed(): void;
}

interface Page {
  readonly events: readonly ThreadEvent[];
  readonly more: boolean;
}

export const createTimeline = (): Timeline => {
  let events: readonly ThreadEvent[] = [];
  let hasOlder = false;
  let loaded = false;
  let expected = 0;
  /** Counts what voids the pages on their way. */
  let life = 0;
  /** Changes of messages that the log brought while a page was on its way. */
  const late = new Map<Offset, Message>();

  const insert = (event: ThreadEvent): void => {
    const first = events[0];
    // Below what is loaded there may be more; it comes with its page.
    if (first !== undefined && hasOlder && event.offset < first.offset) return;
    const at = events.findLastIndex(({ offset }) => offset <= event.offset);
    if (events[at]?.offset === event.offset) return;
    events = [...events.slice(0, at + 1), event, ...events.slice(at + 1)];
  };

  const fold = (message: Message): void => {
    const at = events.findLastIndex(({ offset }) => offset === message.offset);
    const event = events[at];
    if (event?.type === 'message.posted') events = events.with(at, { ...event, message });
  };

  const held = (offset: Offset): Message | undefined => {
    const event = events.findLast((candidate) => candidate.offset === offset);
    return event?.type === 'message.posted' ? event.message : undefined;
  };

  const merge = (merged: readonly ThreadEvent[]): void => {
    events = merged;
    for (const message of late.values()) fold(message);
  };

  const forget = (): void => {
    life += 1;
    expected = 0;
    late.clear();
  };

  return {
    get events() {
      return events;
    },
    get hasOlder() {
      return hasOlder;
    },
    get loaded() {
      return loaded;
    },
    apply(event) {
      if (event.type === 'message.edited' || event.type === 'message.released' || event.type === 'message.deleted') {
        if (expected > 0) late.set(event.message.offset, event.message);
        fold(event.message);
      } else if (timelineTypes.has(event.type)) {
        insert(event);
      }
    },
    acknowledge(message) {
      const { threadId, offset, senderId, postedAt } = message;
      const present = held(offset);
      if (present === undefined) {
        insert({ type: 'message.posted', threadId, offset, at: postedAt, actorId: senderId, message });
      } else if (!isNewer(present, message)) {
        fold(message);
      }
    },
    expectPage() {
      const mine = life;
      let open = true;
      expected += 1;
      const settle = (merge: () => void): void => {
        if (!open || mine !== life) return;
        open = false;
        expected -= 1;
        merge();
        if (expected === 0) late.clear();
      };
      return {
        newest: (page) =>
          settle(() => {
            const last = page.events.at(-1)?.offset ?? 0;
            hasOlder = page.more;
            loaded = true;
            merge([...page.events, ...events.filter(({ offset }) => offset > last)]);
            // An older page that is on its way would not join up with this one.
            forget();
          }),
        older: (page) =>
          settle(() => {
            const first = events[0]?.offset ?? Number.POSITIVE_INFINITY;
            hasOlder = page.more;
            merge([...page.events.filter(({ offset }) => offset < first), ...events]);
          }),
        failed: () => settle(() => {}),
      };
    },
    clear() {
      forget();
      events = [];
      hasOlder = false;
      loaded = false;
    },
  };
};

const timelineTypes: ReadonlySet<ThreadEvent['type']> = new Set(TIMELINE_TYPES);

const isNewer = (held: Message, given: Message): boolean =>
  (held.deletedAt !== null && given.deletedAt === null) ||
  (held.editedAt ?? 0) > (given.editedAt ?? 0) ||
  // What was released is not masked again but by an edit.
  (held.editedAt === given.editedAt && (held.masked?.length ?? 0) < (given.masked?.length ?? 0));
