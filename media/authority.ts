/**
 * The authority on who is in a room: which gateway and session hold each participant, how long it stays without a socket, and that a
 * person is in a room once. It stands before the rooms of this node (media-node.ts), checks each command against its placement's
 * fence and its speaker, and sends events to the gateway that has the participant. A gateway that is gone is one whose participants
 * all lost their socket.
 */
import type { Logger } from 'pino';
import { ProtocolError } from '../protocol/index.ts';
import {
  type LinkCommand,
  type LinkCommandName,
  type LinkEvent,
  type LinkReply,
  StalePlacement,
} from '../signaling/media-link.ts';
import type { MediaCommand, MediaEvent, MediaNode } from '../signaling/media-node.ts';
import type { Clock } from '../src/clock.ts';
import { createDepartures } from './departures.ts';
import { createHolders, type Holder } from './holders.ts';
import type { Lender } from './lender.ts';
import { createRoomMemories } from './room-memory.ts';

/** One gateway's end. */
export interface GatewayLine {
  request<Name extends LinkCommandName>(name: Name, command: LinkCommand<Name>): Promise<LinkReply<Name>>;
  /** It can no longer be reached: what it holds is on grace. */
  detach(): void;
}

export interface MediaAuthority {
  /** A gateway can be reached; `gatewayId` names its life. What it held before a break it holds on. */
  attach(gatewayId: string, onEvent: (event: LinkEvent) => void): GatewayLine;
  /** The rooms that somebody is in, and their fences; without those that another node has been given. */
  rooms(): { roomId: string; fence: number }[];
  /** Whether nobody is in any room, nor on a place that is lent. */
  isEmpty(): boolean;
  /** Another node has been given the room, under this fence: its people are told to move. Resolves when nothing of it is left here. */
  depart(roomId: string, fence: number, withinMs: number): Promise<void>;
  /** The largest fence it was shown for a room; 0 when none. */
  fenceOf(roomId: string): number;
  /** Another node has the room, under this fence: what is here closes without a word to its people. */
  lose(roomId: string, fence: number): void;
  close(): void;
}

export interface AuthorityOptions {
  readonly node: MediaNode;
  readonly lender: Lender;
  readonly clock: Clock;
  readonly log: Logger;
  /** Whether rooms that are not here yet may open. */
  readonly mayOpen?: () => boolean;
}

type Handle<Name extends LinkCommandName> = (gatewayId: string, command: LinkCommand<Name>) => Promise<LinkReply<Name>>;
type Handlers = {
  readonly [Name in Exclude<LinkCommandName, 'lend'>]: (
    gatewayId: string,
    command: LinkCommand<Name>,
  ) => Promise<LinkReply<Name>>;
};
/** Carried on to the room as it is, once its speaker is known. */
type CarriedName =
  | 'replay'
  | 'connectTransport'
  | 'restartIce'
  | 'openProducer'
  | 'pauseProducer'
  | 'closeProducer'
  | 'requestConsumers'
  | 'pauseConsumers'
  | 'setLayers'
  | 'settle';
type Speaking = Pick<LinkCommand<'resume'>, 'roomId' | 'participantId' | 'sessionId' | 'userId' | 'proven'>;

const gone = (): ProtocolError => new ProtocolError('gone', 'The participant is not in the room; join again.');
const superseded = (): ProtocolError =>
  new ProtocolError('conflict', 'Another device of the same person has the call; join anew to take it back.');
const notYours = (): ProtocolError => new ProtocolError('forbidden', 'The participant is not held by this session.');

export const createMediaAuthority = (options: AuthorityOptions): MediaAuthority => {
  const { node, clock, log } = options;
  const holders = createHolders();
  const memories = createRoomMemories(clock);
  const lines = new Map<string, (event: LinkEvent) => void>();

  /** For commands that nobody waits for: the room may be gone, or the node closing. */
  const quietly = (command: Promise<unknown>): Promise<unknown> =>
    command.catch((error) => log.debug({ err: error }, 'the media node did not take a command'));
  const tellAll = (event: LinkEvent): void => {
    for (const tell of lines.values()) tell(event);
  };

  const forget = (holder: Holder): void => {
    holder.cancelGrace?.();
    holders.delete(holder);
    // Empty here is not empty when the others are on another node.
    if (departures.successorOf(holder.roomId) !== undefined) {
      departures.look(holder.roomId);
      return;
    }
    if (holders.inRoom(holder.roomId).length > 0) return;
    memories.emptied(holder.roomId);
    tellAll({ type: 'room.emptied', roomId: holder.roomId });
  };
  const remove = async (holder: Holder, reason: MediaCommand<'leave'>['reason']): Promise<void> => {
    if (holder.leaving) return;
    holder.leaving = true;
    holder.cancelGrace?.();
    const { roomId, participantId } = holder;
    if (reason === 'superseded') memories.open(roomId).superseded.add(participantId);
    if (holders.inRoom(roomId).length === 0) memories.emptied(roomId);
    await quietly(node.request('leave', { roomId, participantId, reason }));
    forget(holder);
  };

  /** In the room while there is a socket, on grace while there is none. */
  const setConnected = (holder: Holder, connected: boolean): void => {
    const wasAway = holder.cancelGrace !== undefined;
    if (holder.leaving || connected !== wasAway) return;
    const { roomId, participantId } = holder;
    holder.cancelGrace?.();
    holder.cancelGrace = connected ? undefined : clock.after(holder.graceMs, () => void remove(holder, 'lost'));
    void quietly(node.request('setConnected', { roomId, participantId, connected }));
  };

  /** Who is in the room under this id, whoever asks. */
  const present = ({ roomId, participantId }: { roomId: string; participantId: string }): Holder => {
    if (memories.get(roomId)?.superseded.has(participantId) === true) throw superseded();
    const holder = holders.get(participantId);
    if (holder === undefined || holder.roomId !== roomId || holder.leaving) throw gone();
    return holder;
  };
  const speaks = (holder: Holder, gatewayId: string, sessionId: string): boolean =>
    holder.gatewayId === gatewayId && holder.sessionId === sessionId;
  const authorized = (gatewayId: string, command: { roomId: string; participantId: string; sessionId: string }): Holder => {
    const holder = present(command);
    if (!speaks(holder, gatewayId, command.sessionId)) throw notYours();
    return holder;
  };
  /** The participant that a session claims when it joins again; undefined when it is a new one. */
  const claimed = (gatewayId: string, command: Speaking): Holder | undefined => {
    const { roomId, participantId, sessionId, userId, proven } = command;
    if (memories.get(roomId)?.superseded.has(participantId) === true) throw superseded();
    const holder = holders.get(participantId);
    if (holder === undefined) return undefined;
    const isTheirs = holder.roomId === roomId && holder.userId === userId;
    if (!isTheirs || !(proven || speaks(holder, gatewayId, sessionId))) throw notYours();
    return present(command);
  };

  /** One participant a person: the newest wins, and the device that had the call is told so. */
  const supersedeOthers = (who: Pick<Holder, 'roomId' | 'participantId' | 'userId'>): Promise<unknown> => {
    const others = holders
      .inRoom(who.roomId)
      .filter(({ participantId, userId }) => participantId !== who.participantId && userId === who.userId);
    return Promise.all(others.map((other) => remove(other, 'superseded')));
  };
  const join = async (gatewayId: string, command: LinkCommand<'join'>): Promise<LinkReply<'join'>> => {
    const { roomId, participantId, userId, sessionId, graceMs, rtpCapabilities, move, maxParticipants } = command;
    if (departures.successorOf(roomId) !== undefined) throw new StalePlacement();
    const before = claimed(gatewayId, command);
    if (holders.inRoom(roomId).length === 0 && options.mayOpen?.() === false)
      throw new ProtocolError('unavailable', 'The media node takes no new rooms now; try again in a moment.');
    const to = { gatewayId, sessionId, graceMs };
    const holder = before ?? holders.add({ roomId, participantId, userId, joinedAt: command.joinedAt, ...to });
    holders.hand(holder, to);
    memories.occupied(roomId);
    try {
      await supersedeOthers(holder);
      // A still newer device may have come meanwhile; its word reached the rooms first.
      present(command);
      const { joinedAt } = holder;
      const who = { roomId, participantId, userId, joinedAt };
      const reply = await node.request('join', { ...who, rtpCapabilities, move, maxParticipants });
      present(command);
      setConnected(holder, command.connected);
      departures.remind(roomId);
      return reply;
    } catch (error) {
      if (before === undefined) await remove(holder, 'lost');
      throw error;
    }
  };
  const resume = async (gatewayId: string, command: LinkCommand<'resume'>): Promise<LinkReply<'resume'>> => {
    const { roomId, participantId, sessionId, graceMs, epoch, seq } = command;
    if (epoch > (departures.successorOf(roomId) ?? Infinity)) throw new StalePlacement();
    const holder = present(command);
    if (!command.proven || holder.userId !== command.userId) throw notYours();
    holders.hand(holder, { gatewayId, sessionId, graceMs });
    const recovery = await node.request('replay', { roomId, participantId, epoch, seq });
    setConnected(holder, command.connected);
    return recovery;
  };

  const carried =
    <Name extends CarriedName>(name: Name) =>
    async (gatewayId: string, command: LinkCommand<CarriedName>): Promise<LinkReply<Name>> => {
      authorized(gatewayId, command);
      return (await node.request(name, command as MediaCommand<Name>)) as LinkReply<Name>;
    };

  const handlers: Handlers = {
    capabilities: () => node.request('capabilities', {}),
    stats: () => node.request('stats', {}),
    join,
    resume,
    replay: carried('replay'),
    async leave(gatewayId, command) {
      const holder = holders.get(command.participantId);
      if (holder === undefined || holder.leaving) return {};
      await remove(authorized(gatewayId, command), 'left');
      return {};
    },
    async setConnected(gatewayId, { roomId, participantId, sessionId, connected }) {
      const holder = holders.get(participantId);
      if (holder?.roomId === roomId && speaks(holder, gatewayId, sessionId)) setConnected(holder, connected);
      return {};
    },
    connectTransport: carried('connectTransport'),
    restartIce: carried('restartIce'),
    openProducer: carried('openProducer'),
    pauseProducer: carried('pauseProducer'),
    closeProducer: carried('closeProducer'),
    requestConsumers: carried('requestConsumers'),
    pauseConsumers: carried('pauseConsumers'),
    setLayers: carried('setLayers'),
    settle: carried('settle'),
    async arrived(_, { roomId, participantId, userId }) {
      await supersedeOthers({ roomId, participantId, userId });
      return { over: await departures.arrived(roomId, participantId) };
    },
    async removeUser(_, { roomId, userId }) {
      const theirs = holders.inRoom(roomId).filter((holder) => holder.userId === userId);
      await Promise.all(theirs.map((holder) => remove(holder, 'left')));
      return {};
    },
    async closeRoom(_, { roomId }) {
      memories.get(roomId)?.superseded.clear();
      await node.request('closeRoom', { roomId });
      return {};
    },
    async occupancy(_, { roomId }) {
      const { emptySince } = memories.get(roomId) ?? {};
      const emptyForMs = emptySince === undefined ? null : clock.now() - emptySince;
      return { participants: holders.inRoom(roomId).length, emptyForMs };
    },
    rooms: async () => ({ roomIds: holders.rooms() }),
  };

  /** Another node has it, under this fence: what is here closes without a word to its people. */
  const lose = (roomId: string, fence: number): void => {
    const memory = memories.open(roomId);
    memory.fence = Math.max(memory.fence, fence);
    for (const holder of holders.inRoom(roomId)) {
      holder.leaving = true;
      holder.cancelGrace?.();
      holders.delete(holder);
    }
    memories.emptied(roomId);
    void quietly(node.request('closeRoom', { roomId }));
    tellAll({ type: 'room.lost', roomId });
  };
  const departures = createDepartures({
    clock,
    present: (roomId) => holders.stillIn(roomId).map(({ participantId }) => participantId),
    announce: (roomId, withinMs) => void quietly(node.request('announceMove', { roomId, withinMs })),
    onOver: lose,
  });

  const checkFence = ({ roomId, fence }: { roomId: string; fence: number }): void => {
    const memory = memories.open(roomId);
    departures.overtake(roomId, fence);
    if (fence < memory.fence) throw new StalePlacement();
    memory.fence = fence;
  };

  const onParticipantEvent = ({
    participantId,
    roomId,
    epoch,
    seq,
    event,
  }: Extract<MediaEvent, { type: 'participant' }>): void => {
    const holder = holders.get(participantId);
    if (holder === undefined || holder.roomId !== roomId) return;
    const { gatewayId, sessionId } = holder;
    const fence = memories.open(roomId).fence;
    lines.get(gatewayId)?.({ type: 'participant', roomId, fence, participantId, sessionId, epoch, seq, event });
    if (event.type !== 'room.closed') return;
    holder.leaving = true;
    forget(holder);
  };
  const stopListening = node.onEvent((event) => {
    switch (event.type) {
      case 'participant':
        return onParticipantEvent(event);
      case 'room.emptied':
        return log.debug({ roomId: event.roomId }, 'a room is empty');
      case 'worker.died':
        return log.warn({ workerPid: event.pid, reopened: event.reopenedRoomIds, closed: event.closedRoomIds }, 'rooms moved');
    }
  });

  return {
    attach(gatewayId, onEvent) {
      lines.set(gatewayId, onEvent);
      const borrower = options.lender.attach((lent) => onEvent({ type: 'lent', lent }));
      return {
        async request<Name extends LinkCommandName>(name: Name, command: LinkCommand<Name>): Promise<LinkReply<Name>> {
          if (name === 'lend') {
            const { name: asked, command: what } = command as LinkCommand<'lend'>;
            return (await borrower.request(asked, what)) as LinkReply<Name>;
          }
          if ('fence' in command) checkFence(command as { roomId: string; fence: number });
          const handle = handlers[name as Exclude<Name, 'lend'>] as Handle<Name>;
          return handle(gatewayId, command);
        },
        detach() {
          borrower.detach();
          if (lines.get(gatewayId) !== onEvent) return;
          lines.delete(gatewayId);
          for (const holder of holders.of(gatewayId)) setConnected(holder, false);
        },
      };
    },
    fenceOf: (roomId) => memories.get(roomId)?.fence ?? 0,
    rooms: () =>
      holders
        .rooms()
        .filter((roomId) => departures.successorOf(roomId) === undefined)
        .map((roomId) => ({ roomId, fence: memories.open(roomId).fence })),
    isEmpty: () => holders.rooms().length === 0 && options.lender.isEmpty(),
    depart: departures.begin,
    lose,
    close() {
      stopListening();
      departures.close();
      memories.close();
      for (const holder of holders.all()) holder.cancelGrace?.();
    },
  };
};
