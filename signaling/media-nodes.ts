/**
 * The registry of media nodes and the placement of rooms. One room has one node: whoever asks first places it, everyone else gets
 * the same answer, however many gateways ask at once. Each placement has a fencing token that never goes back, so that a command
 * or event of an earlier one is told apart.
 *
 * A node is there while its lease lives, on the registry's clock. A node that cannot renew keeps its media and its rooms, and takes
 * no new ones. Rejections are ProtocolErrors: `unavailable` while the registry cannot be asked, or no node takes rooms.
 */

export interface Place {
  readonly nodeId: string;
  /** Where its gateways reach it; of this life of the node. */
  readonly url: string;
  readonly bootId: string;
  readonly fence: number;
}

export interface Placement extends Place {
  /** While the room moves: where it was, and where people may still be. */
  readonly from?: Place | undefined;
}

export interface NodeLoad {
  /** Mean over the workers of the share of a core each uses, 0 to 1. */
  readonly cpu: number;
  readonly rooms: number;
}

export interface ListedNode extends NodeLoad {
  readonly nodeId: string;
  readonly url: string;
  readonly bootId: string;
  readonly workers: number;
  readonly draining: boolean;
}

export interface MediaNodes {
  /**
   * The living owner of the room, or a node chosen now. `aliveIds` are nodes that answer the asker: they keep their rooms though
   * they may have failed to renew their lease.
   */
  place(roomId: string, aliveIds: readonly string[]): Promise<Placement>;
  /** The living owner, if there is one; chooses none. */
  find(roomId: string, aliveIds: readonly string[]): Promise<Placement | undefined>;
  /** Gives a room at this fence to another node while the first, which drains, still has it; undefined when there is no other. */
  move(roomId: string, fence: number): Promise<Placement | undefined>;
  /** A node no longer answers: its lease ends soon unless it renews it. */
  suspect(nodeId: string): Promise<void>;
  /** The room is closed for good. */
  forget(roomId: string): Promise<void>;
  /** Asks a node to take no new rooms, or calls that off. */
  drain(nodeId: string, draining: boolean): Promise<void>;
  list(): Promise<ListedNode[]>;
}

/** A node's own entry. */
export interface Registration {
  /** Whether it may open rooms that it does not have yet: its lease lives, by its own clock. */
  readonly leased: boolean;
  readonly draining: boolean;
  /** Takes no new rooms, or takes them again. */
  drain(draining: boolean): Promise<void>;
  /** Takes itself off. */
  close(): Promise<void>;
}

export interface RegistrationOptions {
  readonly nodeId: string;
  readonly bootId: string;
  readonly url: string;
  readonly workers: number;
  load(): Promise<NodeLoad>;
  /** The rooms it has and their fences; asserted again and again, so that nobody places a living room twice. */
  rooms(): readonly { roomId: string; fence: number }[];
  /** Another node has the room, under this fence. */
  onLost(roomId: string, fence: number): void;
  /** Somebody asked it to drain, or called that off. */
  onDraining(draining: boolean): void;
}
