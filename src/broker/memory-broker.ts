/** A broker within one process: for a single gateway, and for several gateways in one test. */
import type { Broker } from './broker.ts';

interface Node {
  readonly topics: Map<string, number>;
  receive(topic: string, frame: string): void;
}

/** What memory brokers of one process share. Frames arrive in a microtask, as they would from outside. */
export const createMemoryBus = (): { join(): Broker } => {
  const nodes = new Set<Node>();
  return { join: () => join(nodes) };
};

const join = (nodes: Set<Node>): Broker => {
  let onFrame: (topic: string, frame: string) => void = () => {};
  let onError: (error: Error) => void = () => {};
  const self: Node = {
    topics: new Map(),
    receive(topic, frame) {
      if (!self.topics.has(topic)) return;
      try {
        onFrame(topic, frame);
      } catch (error) {
        onError(error as Error);
      }
    },
  };
  nodes.add(self);
  return {
    publish(topic, frame) {
      if (!nodes.has(self)) return;
      for (const node of nodes) if (node !== self && node.topics.has(topic)) queueMicrotask(() => node.receive(topic, frame));
    },
    async subscribe(topic) {
      self.topics.set(topic, (self.topics.get(topic) ?? 0) + 1);
    },
    unsubscribe(topic) {
      const left = (self.topics.get(topic) ?? 0) - 1;
      if (left > 0) self.topics.set(topic, left);
      else self.topics.delete(topic);
    },
    onFrame(listener) {
      onFrame = listener;
    },
    onGap() {
      // Nothing is ever lost on the way.
    },
    onError(listener) {
      onError = listener;
    },
    async close() {
      nodes.delete(self);
      self.topics.clear();
    },
  };
};
