/**
 * The other media nodes, as this one borrows places from them for rooms that are larger than it is. A link to each is opened when it is
 * needed first and closed when nothing is borrowed over it any more.
 */
import { randomUUID } from 'node:crypto';
import { errors } from 'mediasoup';
import type { Logger } from 'pino';
import type { z } from 'zod';
import { ProtocolError } from '../protocol/index.ts';
import { LEND_COMMANDS, type LendCommand, type LendCommandName, type LendReply, type LentEvent } from '../signaling/lending.ts';
import type { LinkEvent, LinkListener, MediaLink } from '../signaling/media-link.ts';
import type { ListedNode } from '../signaling/media-nodes.ts';
import type { Clock } from '../src/clock.ts';
import { type BorrowedPlace, borrowedPlace } from './borrowed-place.ts';
import type { Load, Place } from './place.ts';

export interface BorrowListener {
  /** It is gone, and all that was on it. */
  onLost(place: Place): void;
  /** Its node drains: who is there has this long to move. */
  onLeaving(place: Place, withinMs: number): void;
  /** The drain was called off. */
  onStaying(place: Place): void;
}

export interface Neighbours {
  /** A place on a node that is clearly less busy than this; undefined when none lends one now. */
  borrow(roomId: string, busy: Load, listener: BorrowListener): Promise<Place | undefined>;
  /** Media does not come through to the node of this place, or from it: nothing is borrowed there for a minute. */
  avoid(place: Place): void;
  close(): void;
}

/** For a node that is alone. */
export const noNeighbours: Neighbours = { borrow: async () => undefined, avoid() {}, close() {} };

/** Everyone who joins a full room would ask. */
const ASK_AGAIN_MS = 2_000;
/** Nodes that are asked for one place, the least busy first. */
const MAX_ASKED = 3;
const AVOID_MS = 60_000;

type Linked = Pick<ListedNode, 'nodeId' | 'url' | 'bootId'>;

interface Borrowed {
  readonly place: BorrowedPlace;
  readonly listener: BorrowListener;
  /** By the id of what the lender tells of. */
  readonly heard: Map<string, (event: LentEvent) => void>;
}

/** What the lender tells of. */
const idOf = (event: LentEvent): string | undefined => {
  switch (event.about) {
    case 'transports':
      return event.mediaId;
    case 'producer':
    case 'producer closed':
      return event.producerId;
    case 'consumer':
    case 'layers':
      return event.consumerId;
    case 'bridge':
      return event.bridgeId;
    default:
      return undefined;
  }
};

/** A neighbour that is away has lost what it lent, as a worker that died; what it does not know is gone. */
const asWorkers = (error: unknown): unknown => {
  if (!(error instanceof ProtocolError)) return error;
  if (error.code === 'unavailable') return new errors.WorkerClosedError(error.message);
  return error.code === 'gone' ? new errors.NotFoundError(error.message) : error;
};

export const createNeighbours = (options: {
  bootId: string;
  list: () => Promise<readonly ListedNode[]>;
  connect: (node: Linked, listener: LinkListener) => MediaLink;
  clock: Clock;
  log: Logger;
}): Neighbours => {
  const { bootId, clock, log } = options;
  const links = new Map<string, { readonly link: MediaLink; readonly borrowed: Map<string, Borrowed> }>();
  /** Until when, by boot id. */
  const avoided = new Map<string, number>();
  let askedAt = -ASK_AGAIN_MS;

  const hear = (borrowed: Map<string, Borrowed>, event: LentEvent): void => {
    const one = borrowed.get(event.placeId);
    if (one === undefined) return;
    const { place, listener, heard } = one;
    switch (event.about) {
      case 'load':
        place.load = { cpu: event.cpu, consumers: event.consumers };
        break;
      case 'place closed':
        lose(borrowed, event.placeId);
        break;
      case 'place leaving':
        listener.onLeaving(place, event.withinMs);
        break;
      case 'place staying':
        listener.onStaying(place);
        break;
      default:
        heard.get(idOf(event) ?? '')?.(event);
    }
  };
  const lose = (borrowed: Map<string, Borrowed>, placeId: string): void => {
    const one = borrowed.get(placeId);
    borrowed.delete(placeId);
    if (one !== undefined) one.listener.onLost(one.place);
  };

  const linkTo = (node: Linked) => {
    const known = links.get(node.bootId);
    if (known !== undefined) return known;
    const borrowed = new Map<string, Borrowed>();
    const link = options.connect(node, {
      onEvent: (event: LinkEvent) => event.type === 'lent' && hear(borrowed, event.lent),
      onState(isUp) {
        if (isUp) return;
        if (borrowed.size > 0) log.warn({ nodeId: node.nodeId }, 'the places that a media node lent are lost');
        for (const placeId of [...borrowed.keys()]) lose(borrowed, placeId);
      },
    });
    const linked = { link, borrowed };
    links.set(node.bootId, linked);
    return linked;
  };
  const unlink = (of: string): void => {
    const linked = links.get(of);
    if (linked === undefined || linked.borrowed.size > 0) return;
    links.delete(of);
    linked.link.close();
  };

  const borrowFrom = async (
    node: ListedNode,
    roomId: string,
    busy: Load,
    listener: BorrowListener,
  ): Promise<Place | undefined> => {
    const { link, borrowed } = linkTo(node);
    const placeId = randomUUID();
    const heard: Borrowed['heard'] = new Map();
    const ask = async <Name extends LendCommandName>(
      name: Name,
      command: Omit<LendCommand<Name>, 'placeId'>,
    ): Promise<LendReply<Name>> => {
      try {
        const reply = await link.request('lend', { name, command: { ...command, placeId } as LendCommand<Name> });
        return (LEND_COMMANDS[name].reply as z.ZodType).parse(reply) as LendReply<Name>;
      } catch (error) {
        throw asWorkers(error);
      }
    };
    const lender = {
      nodeId: node.nodeId,
      placeId,
      ask,
      say: (name, command) => void ask(name, command).catch((error) => log.debug({ err: error, name }, 'a lender did not hear')),
      listen(id, hearOf) {
        heard.set(id, hearOf);
        return () => heard.delete(id);
      },
    } satisfies BorrowedPlace['lender'];
    const place = borrowedPlace(lender, { cpu: node.cpu, consumers: 0 }, () => {
      borrowed.delete(placeId);
      // After what is said at the end.
      setImmediate(unlink, node.bootId);
    });
    // Before it is asked for, so that a link that breaks meanwhile is heard.
    borrowed.set(placeId, { place, listener, heard });
    const { lent } = await ask('openPlace', { roomId, busy: { ...busy } }).catch((error) => {
      log.debug({ err: error, nodeId: node.nodeId }, 'a media node cannot be asked for a place');
      return { lent: false };
    });
    if (lent && borrowed.has(placeId)) return place;
    borrowed.delete(placeId);
    setImmediate(unlink, node.bootId);
    return undefined;
  };

  return {
    async borrow(roomId, busy, listener) {
      if (clock.now() - askedAt < ASK_AGAIN_MS) return undefined;
      const others = (await options.list().catch(() => []))
        .filter((node) => node.bootId !== bootId && !node.draining && (avoided.get(node.bootId) ?? 0) <= clock.now())
        .sort((a, b) => a.cpu - b.cpu || a.rooms - b.rooms);
      for (const node of others.slice(0, MAX_ASKED)) {
        const place = await borrowFrom(node, roomId, busy, listener);
        if (place !== undefined) return place;
      }
      askedAt = clock.now();
      return undefined;
    },
    avoid(place) {
      for (const [of, { borrowed }] of links) {
        if ([...borrowed.values()].some((one) => one.place === place)) avoided.set(of, clock.now() + AVOID_MS);
      }
    },
    close() {
      for (const { link } of links.values()) link.close();
      links.clear();
    },
  };
};
