/** The last events of one participant, numbered 1, 2, 3 … within a room epoch, for replay after a socket broke. */
import type { RoomEvent } from '../protocol/index.ts';

export interface NumberedEvent {
  readonly seq: number;
  readonly event: RoomEvent;
}

export interface EventRing {
  /** Number of the last event; 0 before the first. */
  readonly head: number;
  /** Keeps an event and returns its number. */
  push(event: RoomEvent): number;
  /** The events after `seq`, or undefined when some are no longer kept or `seq` was never reached. */
  after(seq: number): NumberedEvent[] | undefined;
  /** Voids what came before: only a client that stands at the head can be replayed to. Numbers go on. */
  forget(): void;
}

export const createEventRing = (capacity = 256): EventRing => {
  let head = 0;
  let kept: NumberedEvent[] = [];
  return {
    get head() {
      return head;
    },
    push(event) {
      head += 1;
      kept.push({ seq: head, event });
      if (kept.length > capacity) kept.shift();
      return head;
    },
    after(seq) {
      if (seq > head || seq < head - kept.length) return undefined;
      return kept.slice(kept.length - (head - seq));
    },
    forget() {
      kept = [];
    },
  };
};
