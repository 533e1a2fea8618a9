/**
 * The broker carries pushes between gateways. A topic is a string; a frame is what goes to sockets as it is.
 *
 * Promised: a frame published on one node reaches each other node that is subscribed to its topic at most once, and frames
 * of one publisher and topic in the order they were published. It never comes back to the node that published it:
 * local sessions are the hub's. `publish` never throws and never waits; what goes wrong is told to `onError`.
 * Not promised: that a frame arrives. What must not be missed is found through the inbox head.
 * Owed by the caller: one `unsubscribe` for each `subscribe`.
 */
export interface Broker {
  publish(topic: string, frame: string): void;
  /**
   * Resolves when frames published from now on will be heard. While what carries them is away it resolves soon all the same, never
   * rejects, and `onGap` tells when the topic is heard.
   */
  subscribe(topic: string): Promise<void>;
  unsubscribe(topic: string): void;
  /** The one listener of this node, set before the first subscribe. */
  onFrame(listener: (topic: string, frame: string) => void): void;
  /** Topics of which frames may have been missed until now, and are heard again. */
  onGap(listener: (topics: readonly string[]) => void): void;
  onError(listener: (error: Error) => void): void;
  close(): Promise<void>;
}
