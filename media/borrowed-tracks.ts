/** Tracks on a place that another node lends: what is asked goes over the link, and what the lender tells of them is kept here. */
import { EventEmitter } from 'node:events';
import type { types } from 'mediasoup';
import type { LendCommand, LendCommandName, LendReply, LentEvent } from '../signaling/lending.ts';
import type { RoomConsumer, RoomProducer, WorkerLayers } from './tracks.ts';

/** The lender, as what is on one of its places speaks to it. */
export interface Lender {
  readonly nodeId: string;
  readonly placeId: string;
  ask<Name extends LendCommandName>(name: Name, command: Omit<LendCommand<Name>, 'placeId'>): Promise<LendReply<Name>>;
  /** For what nobody waits for: a lender that is gone has closed it. */
  say<Name extends LendCommandName>(name: Name, command: Omit<LendCommand<Name>, 'placeId'>): void;
  /** What it tells of one id, until the place is closed or the id is forgotten. */
  listen(id: string, listener: (event: LentEvent) => void): () => void;
}

/** It closes once, and whoever asks is told. */
interface Closable {
  readonly observer: EventEmitter;
  isClosed(): boolean;
  close(): void;
}

const createClosable = (onClose: () => void): Closable => {
  const observer = new EventEmitter();
  let closed = false;
  return {
    observer,
    isClosed: () => closed,
    close() {
      if (closed) return;
      closed = true;
      onClose();
      observer.emit('close');
    },
  };
};

/** `paused` is how it begins. */
export const borrowedProducer = (lender: Lender, producerId: string, begins: { paused: boolean }): RoomProducer => {
  const events = new EventEmitter();
  let { paused } = begins;
  let score: RoomProducer['score'] = [];
  const forget = lender.listen(producerId, (event) => {
    if (event.about === 'producer closed') closable.close();
    if (event.about !== 'producer') return;
    score = event.score;
    events.emit('score');
  });
  const closable = createClosable(forget);
  const pause = async (next: boolean): Promise<void> => {
    paused = next;
    await lender.ask('pauseProducer', { producerId, paused: next });
  };
  return {
    id: producerId,
    observer: closable.observer,
    get closed() {
      return closable.isClosed();
    },
    get paused() {
      return paused;
    },
    get score() {
      return score;
    },
    pause: () => pause(true),
    resume: () => pause(false),
    close() {
      if (!closable.isClosed()) lender.say('closeProducer', { producerId });
      closable.close();
    },
    on: (event, listener) => events.on(event, listener),
  };
};

type Consumed = NonNullable<LendReply<'consume'>['consumer']>;

/** Begins paused. */
export const borrowedConsumer = (lender: Lender, consumed: Consumed): RoomConsumer => {
  const { consumerId, type } = consumed;
  const events = new EventEmitter();
  let { priority } = consumed;
  let paused = true;
  // As the worker's: nothing is known to be lost yet.
  let score = 10;
  let preferredLayers: WorkerLayers | undefined;
  let currentLayers: WorkerLayers | undefined;
  const forget = lender.listen(consumerId, (event) => {
    if (event.about === 'consumer') {
      score = event.score;
      events.emit('score');
    } else if (event.about === 'layers') {
      currentLayers = event.layers ?? undefined;
      events.emit('layerschange', currentLayers);
    }
  });
  const closable = createClosable(forget);
  const pause = async (next: boolean): Promise<void> => {
    paused = next;
    await lender.ask('pauseConsumer', { consumerId, paused: next });
  };
  return {
    id: consumerId,
    type,
    rtpParameters: consumed.rtpParameters as types.RtpParameters,
    get closed() {
      return closable.isClosed();
    },
    get paused() {
      return paused;
    },
    get priority() {
      return priority;
    },
    get score() {
      return { score };
    },
    get preferredLayers() {
      return preferredLayers;
    },
    get currentLayers() {
      return currentLayers;
    },
    pause: () => pause(true),
    resume: () => pause(false),
    async setPreferredLayers(layers) {
      preferredLayers = layers;
      await lender.ask('setPreferredLayers', { consumerId, ...layers });
    },
    async setPriority(next) {
      priority = next;
      await lender.ask('setPriority', { consumerId, priority: next });
    },
    close() {
      if (!closable.isClosed()) lender.say('closeConsumer', { consumerId });
      closable.close();
    },
    on: (event: string, listener: (...args: never[]) => void) => events.on(event, listener as () => void),
  };
};
