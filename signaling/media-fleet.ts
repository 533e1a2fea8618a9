/**
 * The media nodes, as one gateway uses them: a link to each, and where each room is. Placements are remembered for as long as the
 * gateway has people in the room, so that calls do not need the registry.
 */
import type { Logger } from 'pino';
import { ProtocolError } from '../protocol/index.ts';
import type { Clock } from '../src/clock.ts';
import type { LinkCommand, LinkCommandName, LinkEvent, LinkListener, LinkReply, MediaLink } from './media-link.ts';
import type { MediaNodes, Placement } from './media-nodes.ts';

export interface MediaFleet {
  /** Where the room is, or is to be. Throws `unavailable`. */
  place(roomId: string): Promise<Placement>;
  /** Where the room is; undefined when no living node has it. */
  find(roomId: string): Promise<Placement | undefined>;
  /** Asks the registry, whatever is remembered. Throws `unavailable`. */
  placeAnew(roomId: string): Promise<Placement>;
  /** What is remembered of the room is void. */
  forget(roomId: string): void;
  /** The room is over, for everyone. */
  release(roomId: string): void;
  isUp(nodeId: string): boolean;
  /** A command to where the placement says. */
  request<Name extends LinkCommandName>(at: Placement, name: Name, command: LinkCommand<Name>): Promise<LinkReply<Name>>;
  /** A command that every node answers alike. Throws `unavailable` when none can be reached. */
  ask<Name extends 'capabilities'>(name: Name, command: LinkCommand<Name>): Promise<LinkReply<Name>>;
  /** Each node of the last listing and how it is for this gateway. */
  states(): readonly NodeState[];
  /** The nodes that are there now. */
  nodes(): Promise<readonly Placement[]>;
  listen(listener: FleetListener): void;
  close(): void;
}

export interface NodeState {
  readonly nodeId: string;
  /** Whether the link to it stands. */
  readonly isUp: boolean;
  readonly draining: boolean;
}

export interface FleetListener {
  onEvent(nodeId: string, event: LinkEvent): void;
  onState(nodeId: string, isUp: boolean): void;
}

/** How often the registry is read for nodes that came, so that links stand before they are needed. */
const LIST_EVERY_MS = 2_000;

export const createMediaFleet = (options: {
  nodes: MediaNodes;
  connect: (node: { nodeId: string; url: string; bootId: string }, listener: LinkListener) => MediaLink;
  clock: Clock;
  log: Logger;
}): MediaFleet => {
  const { nodes, clock, log } = options;
  const links = new Map<string, { readonly link: MediaLink; readonly bootId: string }>();
  let drainingIds = new Set<string>();
  const remembered = new Map<string, Placement>();
  const listeners: FleetListener[] = [];
  let closed = false;
  let cancelList = (): void => {};

  const isUp = (nodeId: string): boolean => links.get(nodeId)?.link.isUp() === true;
  const aliveIds = (): string[] => [...links.keys()].filter(isUp);

  const linkTo = (node: Pick<Placement, 'nodeId' | 'url' | 'bootId'>): MediaLink => {
    const { nodeId, bootId } = node;
    const known = links.get(nodeId);
    if (known?.bootId === bootId) return known.link;
    if (closed) throw new ProtocolError('unavailable', 'The gateway is closing.');
    known?.link.close();
    const link = options.connect(node, {
      onEvent(event) {
        for (const listener of listeners) listener.onEvent(nodeId, event);
      },
      onState(up) {
        if (links.get(nodeId)?.bootId !== bootId) return;
        if (!up) void nodes.suspect(nodeId).catch(() => {});
        for (const listener of listeners) listener.onState(nodeId, up);
      },
    });
    links.set(nodeId, { link, bootId });
    return link;
  };

  const list = async (): Promise<void> => {
    try {
      const listed = await nodes.list();
      if (closed) return;
      for (const node of listed) linkTo(node);
      const ids = new Set(listed.map(({ nodeId }) => nodeId));
      drainingIds = new Set(listed.flatMap(({ nodeId, draining }) => (draining ? [nodeId] : [])));
      for (const [nodeId, { link }] of links) {
        if (ids.has(nodeId) || link.isUp()) continue;
        link.close();
        links.delete(nodeId);
      }
    } catch (error) {
      log.debug({ err: error }, 'the media nodes could not be listed');
    }
  };
  const keepListing = (): void => {
    void list().finally(() => {
      if (!closed) cancelList = clock.after(LIST_EVERY_MS, keepListing);
    });
  };
  keepListing();

  const remember = (roomId: string, placement: Placement): Placement => {
    remembered.set(roomId, placement);
    linkTo(placement);
    return placement;
  };
  const known = (roomId: string): Placement | undefined => {
    const placement = remembered.get(roomId);
    return placement !== undefined && isUp(placement.nodeId) ? placement : undefined;
  };
  const placeAnew: MediaFleet['placeAnew'] = async (roomId) => remember(roomId, await nodes.place(roomId, aliveIds()));

  return {
    placeAnew,
    isUp,
    place: async (roomId) => known(roomId) ?? placeAnew(roomId),
    async find(roomId) {
      const placement = known(roomId) ?? (await nodes.find(roomId, aliveIds()));
      return placement && remember(roomId, placement);
    },
    forget: (roomId) => void remembered.delete(roomId),
    release(roomId) {
      remembered.delete(roomId);
      nodes.forget(roomId).catch((error) => log.debug({ err: error }, 'a placement could not be taken off; it expires'));
    },
    request: async (at, name, command) => linkTo(at).request(name, command),
    async ask(name, command) {
      if (aliveIds().length === 0) await list();
      const [up] = aliveIds();
      const entry = links.get(up ?? [...links.keys()][0] ?? '');
      if (entry === undefined) throw new ProtocolError('unavailable', 'No media node can be reached; try again in a moment.');
      return entry.link.request(name, command);
    },
    states: () => [...links.keys()].map((nodeId) => ({ nodeId, isUp: isUp(nodeId), draining: drainingIds.has(nodeId) })),
    nodes: async () => (await nodes.list()).map(({ nodeId, url, bootId }) => ({ nodeId, url, bootId, fence: 1 })),
    listen: (listener) => void listeners.push(listener),
    close() {
      closed = true;
      cancelList();
      for (const { link } of links.values()) link.close();
      links.clear();
    },
  };
};
