/**
 * Room control on a gateway: which of its sessions speaks for which participant, and which media node that participant is on. The node
 * decides who may (media/authority.ts); here commands are sent where the room is, events to whose they are, and rooms whose node is
 * lost are placed anew and their people told to join again.
 */
import type { Logger } from 'pino';
import {
  type IceServer,
  type Joined,
  type Payload,
  ProtocolError,
  type RoomPush,
  type RoomRecovery,
  type UserId,
} from '../protocol/index.ts';
import type { Clock } from '../src/clock.ts';
import type { Caller } from '../src/handlers.ts';
import type { MediaFleet } from './media-fleet.ts';
import { type LinkCommand, type LinkCommandName, type LinkReply, StalePlacement } from './media-link.ts';
import type { Place, Placement } from './media-nodes.ts';
import type { ParticipantTokens } from './participant-token.ts';
import { closeRooms } from './room-ends.ts';
import { followRooms } from './room-events.ts';
import { addressOf, createRoutes, type Route } from './routes.ts';

/** A participant's word that only goes on to its room. */
export type CarriedName = Extract<
  LinkCommandName,
  `${string}Producer` | `${string}Consumers` | 'connectTransport' | 'restartIce' | 'setLayers'
>;
type Carried<Name extends LinkCommandName> = Omit<LinkCommand<Name>, 'roomId' | 'fence' | 'participantId' | 'sessionId'>;
interface Named {
  readonly interviewId: string;
  readonly participantId: string;
}

export interface Rooms {
  join(caller: Caller, payload: Payload<'room.join'>): Promise<Joined>;
  resume(caller: Caller, payload: Payload<'room.resume'>): Promise<RoomRecovery>;
  leave(caller: Caller, payload: Payload<'room.leave'>): Promise<Record<string, never>>;
  /** Throws `gone` when the participant is not in that room, `forbidden` when this session does not hold it. */
  carry<Name extends CarriedName>(caller: Caller, who: Named, name: Name, command: Carried<Name>): Promise<LinkReply<Name>>;
  /** They have moved: answered when the others have what they send now. `unavailable` while others have not moved to another node yet. */
  settle(caller: Caller, who: Named): Promise<Record<string, never>>;
  /** How many are in it, and for how long nobody has been, in ms; null when that is not known. */
  occupancy(interviewId: string): Promise<{ participants: number; emptyForMs: number | null }>;
  /** The user may no longer be in the room. */
  removeUser(interviewId: string, userId: UserId): Promise<void>;
  /** The interview is over: everyone is told, and the room is gone. Tried again until its node has heard it. */
  closeRoom(interviewId: string): void;
  /** Closes the rooms that are of no interview any more: whoever ended it was killed before it could say so. */
  closeOrphans(isOver: (interviewId: string) => Promise<boolean>): Promise<void>;
  sessionAttached(sessionId: string): void;
  sessionDetached(sessionId: string): void;
  sessionEnded(sessionId: string): void;
  close(): void;
}

/** Placements that a room may go through under one joining. */
const MAX_PLACEMENTS = 3;
const SETTLE_RETRY_MS = 250;

const gone = (): ProtocolError => new ProtocolError('gone', 'The participant is not in the room; join again.');
const notYours = (): ProtocolError => new ProtocolError('forbidden', 'The participant is not held by this session.');

export const createRooms = (options: {
  fleet: MediaFleet;
  tokens: ParticipantTokens;
  sendRoom: (sessionId: string, push: RoomPush) => void;
  clock: Clock;
  log: Logger;
  graceMs: number;
  maxParticipants: number;
  /** STUN and TURN servers for a user, with credentials that are good from now on. */
  iceServersFor: (userId: UserId) => IceServer[];
  /** Lets a member in, or throws. */
  enter: (userId: UserId, interviewId: string) => Promise<unknown>;
  isActive: (interviewId: string) => Promise<boolean>;
  /** The last one left. */
  onEmptied: (interviewId: string) => void;
  /** The people of this gateway were told to join a room again on another node. */
  onReopened: () => void;
}): Rooms => {
  const { fleet, tokens, clock, log, graceMs } = options;
  const routes = createRoutes();
  const attached = new Set<string>();
  let closed = false;

  /** For commands that nobody waits for. */
  const quietly = (command: Promise<unknown>): Promise<unknown> =>
    command.catch((error) => log.debug({ err: error }, 'a media node did not take a command'));

  /** Whether nothing of the room is left where it moved away from. A node that cannot be asked has nothing of it. */
  const arrive = async ({ interviewId, participantId, userId, at: { from } }: Route): Promise<boolean> => {
    if (from === undefined) return true;
    const arrived = { roomId: interviewId, fence: from.fence, participantId, userId };
    return fleet.request(from, 'arrived', arrived).then(
      ({ over }) => over,
      () => true,
    );
  };
  /** Where people of a room may be. */
  const placesOf = (at: Placement | undefined): Place[] => (at === undefined ? [] : at.from === undefined ? [at] : [at, at.from]);
  /** Leaves the room, and where it moves away from too. */
  const leave = async (route: Route): Promise<void> => {
    const { at } = route;
    if (at.from !== undefined) void quietly(fleet.request(at.from, 'leave', addressOf(route, at.from)));
    await fleet.request(at, 'leave', addressOf(route));
  };
  const forget = (route: Route): void => {
    routes.delete(route);
    if (routes.inRoom(route.interviewId).length === 0) fleet.forget(route.interviewId);
  };
  const { say, seek } = followRooms({ ...options, routes, attached, forget, isClosed: () => closed });

  /** Does it where the room is, again when it turns out to be elsewhere. */
  const where = async <Value>(
    interviewId: string,
    look: () => Promise<Placement | undefined>,
    work: (at: Placement) => Promise<Value>,
  ): Promise<Value> => {
    for (let attempt = 1; ; attempt += 1) {
      const at = await look();
      if (at === undefined) throw gone();
      try {
        return await work(at);
      } catch (error) {
        if (!(error instanceof StalePlacement)) throw error;
        fleet.forget(interviewId);
        if (attempt === MAX_PLACEMENTS) throw new ProtocolError('unavailable', 'The room is moving; try again in a moment.');
      }
    }
  };
  /** The session may have lost its socket, or got it back, while the node was asked. */
  const follow = (route: Route, told: boolean): void => {
    routes.set(route);
    const connected = attached.has(route.sessionId);
    if (connected !== told) say(route, 'setConnected', connected);
  };

  const authorize = (caller: Caller, { interviewId, participantId }: Named): Route => {
    const route = routes.get(participantId);
    if (route === undefined || route.interviewId !== interviewId) throw gone();
    if (route.sessionId !== caller.sessionId || route.userId !== caller.userId) throw notYours();
    return route;
  };

  const carry = async <Name extends CarriedName | 'settle'>(
    route: Route,
    name: Name,
    command: Carried<Name>,
  ): Promise<LinkReply<Name>> => {
    try {
      return await fleet.request(route.at, name, { ...command, ...addressOf(route) } as LinkCommand<Name>);
    } catch (error) {
      if (!(error instanceof StalePlacement)) throw error;
      fleet.forget(route.interviewId);
      void seek(route.interviewId, route.at, 'moved');
      throw gone();
    }
  };

  const { closeRoom, closeOrphans } = closeRooms({ ...options, isClosed: () => closed });

  return {
    closeRoom,
    carry: (caller, who, name, command) => carry(authorize(caller, who), name, command),
    async join(caller, payload) {
      const { userId, sessionId } = caller;
      const { interviewId, participantId, participantToken = '', rtpCapabilities, move } = payload;
      const known = routes.get(participantId);
      if (known !== undefined && known.userId !== userId) throw notYours();
      await options.enter(userId, interviewId);
      const who = { interviewId, participantId, userId };
      const proven = tokens.verify(who, participantToken);
      const joinedAt = proven ?? clock.now();
      return where(
        interviewId,
        () => fleet.place(interviewId),
        async (at) => {
          const connected = attached.has(sessionId);
          const speaker = { userId, sessionId, graceMs, proven: proven !== undefined, connected };
          const address = { roomId: interviewId, participantId, fence: at.fence };
          const { maxParticipants } = options;
          const join = { ...address, ...speaker, joinedAt, rtpCapabilities, move, maxParticipants };
          const reply = await fleet.request(at, 'join', join);
          const { epoch, seq } = reply.state;
          const route: Route = { ...who, sessionId, at, epoch, seq };
          follow(route, connected);
          // Who joins without moving has nothing more where the room was.
          if (!move) void arrive(route);
          if (!(await options.isActive(interviewId))) {
            void closeRoom(interviewId);
            throw new ProtocolError('gone', 'The interview ended meanwhile.');
          }
          const joined = reply.state.participants.find((participant) => participant.participantId === participantId);
          const participantToken = tokens.mint(who, joined?.joinedAt ?? joinedAt);
          return { interviewId, participantId, participantToken, graceMs, iceServers: options.iceServersFor(userId), ...reply };
        },
      );
    },
    async resume({ userId, sessionId }, payload) {
      const { interviewId, participantId, participantToken, epoch, seq } = payload;
      const who = { interviewId, participantId, userId };
      const proven = tokens.verify(who, participantToken) !== undefined;
      return where(
        interviewId,
        () => fleet.find(interviewId),
        async (placed) => {
          const takeOver = async (at: Placement): Promise<RoomRecovery> => {
            const connected = attached.has(sessionId);
            const speaker = { userId, sessionId, graceMs, proven, connected };
            const address = { roomId: interviewId, participantId, fence: at.fence };
            const recovery = await fleet.request(at, 'resume', { ...address, ...speaker, epoch, seq });
            const reached = recovery.recovered ? recovery : recovery.state;
            follow({ ...who, sessionId, at, epoch: reached.epoch, seq: reached.seq }, connected);
            return recovery;
          };
          const { from } = placed;
          // Before the room moved, they were where it was.
          if (from === undefined || epoch > placed.fence) return takeOver(placed);
          return takeOver(from).catch(() => takeOver(placed));
        },
      );
    },
    async leave(caller, payload) {
      const route = routes.get(payload.participantId);
      if (route === undefined) return {};
      authorize(caller, payload);
      await leave(route);
      return {};
    },
    async settle(caller, who) {
      const route = authorize(caller, who);
      await carry(route, 'settle', {});
      if (await arrive(route)) return {};
      throw new ProtocolError('unavailable', 'Others have not moved yet; ask again.', { retryAfterMs: SETTLE_RETRY_MS });
    },
    async occupancy(interviewId) {
      const [at, from] = placesOf(await fleet.find(interviewId));
      if (at === undefined) return { participants: 0, emptyForMs: null };
      const ask = (place: Place) => fleet.request(place, 'occupancy', { roomId: interviewId, fence: place.fence });
      const there = await ask(at);
      if (there.participants > 0 || from === undefined) return there;
      // Nobody has moved yet.
      return ask(from).catch(() => there);
    },
    async removeUser(interviewId, userId) {
      const [at, from] = placesOf(await fleet.find(interviewId));
      const remove = (place: Place) => fleet.request(place, 'removeUser', { roomId: interviewId, fence: place.fence, userId });
      if (from !== undefined) void quietly(remove(from));
      if (at !== undefined) await remove(at);
    },
    closeOrphans,
    sessionAttached(sessionId) {
      attached.add(sessionId);
      for (const route of routes.ofSession(sessionId)) say(route, 'setConnected', true);
    },
    sessionDetached(sessionId) {
      attached.delete(sessionId);
      for (const route of routes.ofSession(sessionId)) say(route, 'setConnected', false);
    },
    sessionEnded(sessionId) {
      // Ended with its socket: the person signed out. Without: the grace runs already, and another session may take over.
      const signedOut = attached.delete(sessionId);
      for (const route of routes.ofSession(sessionId)) {
        if (signedOut) void quietly(leave(route));
        forget(route);
      }
    },
    close() {
      closed = true;
    },
  };
};
