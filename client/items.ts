/**
 * What a conversation shows: the events of its timeline with one's own unconfirmed changes over them, then what is on
 * its way. An item keeps its identity until it changes, and a message its key from the moment it is written.
 */
import type { Message, Offset, ThreadEvent, UserId } from '../protocol/index.ts';
import type { PendingMessage, TimelineItem } from './types.ts';

/** A change to a message that is shown before the server has confirmed it. */
export type Overlay = (message: Message) => Message;

export interface ItemSources {
  readonly me: UserId;
  readonly events: readonly ThreadEvent[];
  readonly overlays: ReadonlyMap<Offset, Overlay>;
  readonly pending: readonly PendingMessage[];
}

export const createItems = (): ((sources: ItemSources) => readonly TimelineItem[]) => {
  const made = new WeakMap<object, { readonly overlay: Overlay | undefined; readonly item: TimelineItem }>();
  let last: { readonly sources: ItemSources; readonly items: readonly TimelineItem[] } | undefined;

  const remember = (source: object, overlay: Overlay | undefined, make: () => TimelineItem): TimelineItem => {
    const known = made.get(source);
    if (known !== undefined && known.overlay === overlay) return known.item;
    const item = make();
    made.set(source, { overlay, item });
    return item;
  };

  const fromEvent = (event: ThreadEvent, overlay: Overlay | undefined): TimelineItem =>
    remember(event, overlay, () => ({
      kind: 'event',
      key:
        event.type === 'message.posted' ? messageKey(event.message.senderId, event.message.clientMessageId) : `e:${event.offset}`,
      event: overlay !== undefined && event.type === 'message.posted' ? { ...event, message: overlay(event.message) } : event,
    }));

  const compose = ({ me, events, overlays, pending }: ItemSources): readonly TimelineItem[] => {
    const items = events.map((event) => fromEvent(event, overlays.get(event.offset)));
    if (pending.length === 0) return items;
    const keys = new Set(items.map(({ key }) => key));
    for (const message of pending) {
      const key = messageKey(me, message.clientMessageId);
      // Its event may be here before the outbox has heard of it.
      if (!keys.has(key)) items.push(remember(message, undefined, () => ({ kind: 'pending', key, message })));
    }
    return items;
  };

  return (sources) => {
    const unchanged =
      last !== undefined &&
      last.sources.me === sources.me &&
      last.sources.events === sources.events &&
      last.sources.overlays === sources.overlays &&
      last.sources.pending === sources.pending;
    if (last === undefined || !unchanged) last = { sources, items: compose(sources) };
    return last.items;
  };
};

const messageKey = (senderId: UserId, clientMessageId: string): string => `m:${senderId}:${clientMessageId}`;
