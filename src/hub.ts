/**
 * The hub: who on this node hears a topic. A frame is encoded once and sent to every listener; the broker carries it to
 * the other nodes. The node subscribes to a topic while it has a listener for it.
 */
import type { UserId } from '../protocol/index.ts';
import type { Broker } from './broker/broker.ts';

/**
 * What frames are worth when a socket is slow, least first: each class by its topics, with the share of a socket's limit of unsent
 * bytes beyond which the socket is spared it. Who types is stale in seconds; presence is asked for again with the next look; a
 * durable frame is never dropped: over the whole limit the socket is closed with "reconnect", and what it missed is in the inbox.
 */
const FRAME_CLASSES = {
  typing: { prefix: 'typing:', unsentShare: 1 / 8 },
  presence: { prefix: 'presence:', unsentShare: 1 / 4 },
  moderation: { prefix: 'moderation:', unsentShare: 1 / 4 },
  durable: { prefix: 'inbox:', unsentShare: Number.POSITIVE_INFINITY },
} as const;

export type FrameClass = keyof typeof FRAME_CLASSES;

export const unsentShare = (kind: FrameClass): number => FRAME_CLASSES[kind].unsentShare;

export interface Listener {
  readonly userId: UserId;
  push(frame: string, kind: FrameClass): void;
}

/** Topics by what they carry. */
export const topics = {
  inbox: (userId: UserId) => `${FRAME_CLASSES.durable.prefix}${userId}`,
  typing: (threadId: string) => `${FRAME_CLASSES.typing.prefix}${threadId}`,
  presence: (userId: UserId) => `${FRAME_CLASSES.presence.prefix}${userId}`,
  moderation: () => `${FRAME_CLASSES.moderation.prefix}queue`,
} as const;

const classes = Object.keys(FRAME_CLASSES) as FrameClass[];
const classOf = (topic: string): FrameClass => classes.find((kind) => topic.startsWith(FRAME_CLASSES[kind].prefix)) ?? 'durable';

const PRESENCE_PREFIX = topics.presence('');

/** Whose presence a topic carries, if it does. */
export const presenceOf = (topic: string): UserId | undefined =>
  topic.startsWith(PRESENCE_PREFIX) ? topic.slice(PRESENCE_PREFIX.length) : undefined;

const INBOX_PREFIX = topics.inbox('');

/** Whose inbox a topic carries, if it does. */
export const inboxOf = (topic: string): UserId | undefined =>
  topic.startsWith(INBOX_PREFIX) ? topic.slice(INBOX_PREFIX.length) : undefined;

const TYPING_PREFIX = topics.typing('');

/** Of which thread a topic carries who types, if it does. */
export const threadOf = (topic: string): string | undefined =>
  topic.startsWith(TYPING_PREFIX) ? topic.slice(TYPING_PREFIX.length) : undefined;

export interface Hub {
  /** Resolves when the listener hears everything published from then on, on any node. */
  subscribe(topic: string, listener: Listener): Promise<void>;
  unsubscribe(topic: string, listener: Listener): void;
  /** Takes all of a user's listeners, on every node, off a topic that they may no longer hear. */
  drop(topic: string, userId: UserId): void;
  publish(topic: string, frame: string): void;
  /** To the listeners on this node alone. */
  publishHere(topic: string, frame: string): void;
}

/** Begins what nodes tell each other, with the user to be taken off the topic; frames for sockets begin with a brace. */
const DROP = '-';

interface Topic {
  readonly listeners: Set<Listener>;
  /** Resolves when the broker hears the topic for this node. */
  readonly ready: Promise<void>;
}

export const createHub = ({ broker }: { broker: Broker }): Hub => {
  const heard = new Map<string, Topic>();

  const deliver = (topic: string, frame: string): void => {
    const kind = classOf(topic);
    for (const listener of heard.get(topic)?.listeners ?? []) listener.push(frame, kind);
  };
  const dropHere = (topic: string, userId: UserId): void => {
    for (const listener of [...(heard.get(topic)?.listeners ?? [])]) if (listener.userId === userId) unsubscribe(topic, listener);
  };
  broker.onFrame((topic, frame) => {
    if (frame.startsWith(DROP)) dropHere(topic, frame.slice(DROP.length));
    else deliver(topic, frame);
  });

  const unsubscribe = (topic: string, listener: Listener): void => {
    const listeners = heard.get(topic)?.listeners;
    if (listeners?.delete(listener) !== true || listeners.size > 0) return;
    heard.delete(topic);
    broker.unsubscribe(topic);
  };

  return {
    async subscribe(topic, listener) {
      let entry = heard.get(topic);
      if (entry === undefined) {
        entry = { listeners: new Set(), ready: broker.subscribe(topic) };
        heard.set(topic, entry);
      }
      entry.listeners.add(listener);
      await entry.ready;
    },
    unsubscribe,
    drop(topic, userId) {
      dropHere(topic, userId);
      broker.publish(topic, DROP + userId);
    },
    publishHere: deliver,
    publish(topic, frame) {
      deliver(topic, frame);
      broker.publish(topic, frame);
    },
  };
};
