/**
 * What media nodes tell of the rooms that this gateway's sessions are in, sent on to whose it is; and what is done when a node no longer
 * answers: its rooms are looked for until they are elsewhere, and what was missed is asked for when it is back.
 */
import type { Logger } from 'pino';
import { ProtocolError, type RoomEvent, type RoomPush } from '../protocol/index.ts';
import type { Clock } from '../src/clock.ts';
import type { MediaFleet } from './media-fleet.ts';
import { type LinkEvent, StalePlacement } from './media-link.ts';
import type { Placement } from './media-nodes.ts';
import { addressOf, type Route, type Routes } from './routes.ts';

/** How often a room is asked for anew while its node does not answer. */
const SEEK_EVERY_MS = 200;

/** They are in the room no more. A superseded device is kept, so that it is told so whenever it asks. */
const isOut = (event: RoomEvent, participantId: string): boolean =>
  event.type === 'room.closed' ||
  (event.type === 'participant.left' && event.participantId === participantId && event.reason !== 'superseded');

export interface RoomEvents {
  /** Says to the room whether the participant's socket is there; nobody waits for it. */
  say(route: Route, name: 'setConnected', connected: boolean): void;
  /** Asks where a room is until it is elsewhere, or until its node answers again; whoever was in it is told to join again. */
  seek(interviewId: string, from: Placement, until: 'moved' | 'moved or up'): Promise<void>;
}

export const followRooms = (options: {
  fleet: MediaFleet;
  routes: Routes;
  /** Sessions that have a socket. */
  attached: ReadonlySet<string>;
  forget: (route: Route) => void;
  sendRoom: (sessionId: string, push: RoomPush) => void;
  onEmptied: (interviewId: string) => void;
  onReopened: () => void;
  isClosed: () => boolean;
  clock: Clock;
  log: Logger;
}): RoomEvents => {
  const { fleet, routes, attached, forget, isClosed, clock, log } = options;
  /** Rooms whose node is being looked for. */
  const sought = new Set<string>();

  const pause = (ms: number): Promise<void> => new Promise((resolve) => clock.after(ms, resolve));
  const push = ({ interviewId, participantId, sessionId }: Route, epoch: number, seq: number, event: RoomEvent): void => {
    if (attached.has(sessionId)) options.sendRoom(sessionId, { interviewId, participantId, epoch, seq, event });
  };
  const say = (route: Route, name: 'setConnected', connected: boolean): void => {
    fleet
      .request(route.at, name, { ...addressOf(route), connected })
      .catch((error) => log.debug({ err: error }, 'a media node did not take a command'));
  };

  /** The room is elsewhere: whoever was in it joins again, under a larger epoch than all before. */
  const reopen = (interviewId: string, at: Placement): void => {
    const moved = routes.inRoom(interviewId).filter((route) => route.at.fence < at.fence);
    log.warn({ interviewId, nodeId: at.nodeId, participants: moved.length }, 'a room was placed anew');
    options.onReopened();
    for (const route of moved) {
      routes.delete(route);
      push(route, at.fence, 1, { type: 'room.reopened' });
    }
  };
  const seek = async (interviewId: string, from: Placement, until: 'moved' | 'moved or up'): Promise<void> => {
    if (sought.has(interviewId)) return;
    sought.add(interviewId);
    while (!isClosed() && routes.inRoom(interviewId).some(({ at }) => at.fence <= from.fence)) {
      try {
        const at = await fleet.placeAnew(interviewId);
        if (at.fence > from.fence) {
          reopen(interviewId, at);
          break;
        }
      } catch (error) {
        log.debug({ err: error, interviewId }, 'a room cannot be placed yet');
      }
      if (until === 'moved or up' && fleet.isUp(from.nodeId)) break;
      await pause(SEEK_EVERY_MS);
    }
    sought.delete(interviewId);
  };

  /** Sends on what a participant missed while its node could not be reached. */
  const catchUp = async (route: Route): Promise<void> => {
    const { participantId, epoch, seq } = route;
    say(route, 'setConnected', attached.has(route.sessionId));
    try {
      const recovery = await fleet.request(route.at, 'replay', { ...addressOf(route), epoch, seq });
      if (routes.get(participantId) !== route) return;
      if (recovery.recovered) {
        for (const missed of recovery.events) push(route, recovery.epoch, missed.seq, missed.event);
        route.seq = Math.max(route.seq, recovery.seq);
      } else if (recovery.state.epoch === epoch) {
        // Too much to replay: an event beyond the hole makes the client ask for the state.
        push(route, epoch, recovery.state.seq, { type: 'participant.connection', participantId, connected: true });
      } else push(route, recovery.state.epoch, 1, { type: 'room.reopened' });
    } catch (error) {
      if (error instanceof StalePlacement) return void seek(route.interviewId, route.at, 'moved');
      const code = error instanceof ProtocolError ? error.code : 'internal';
      if (code !== 'gone' && code !== 'conflict' && code !== 'forbidden') return;
      if (routes.get(participantId) === route) forget(route);
      if (code === 'forbidden') return;
      const reason = code === 'conflict' ? 'superseded' : 'lost';
      push(route, epoch, seq + 1, { type: 'participant.left', participantId, reason });
    }
  };

  const onEvent = (nodeId: string, event: LinkEvent): void => {
    if (event.type === 'room.emptied') {
      options.onEmptied(event.roomId);
      return;
    }
    if (event.type === 'room.lost') {
      fleet.forget(event.roomId);
      const route = routes.inRoom(event.roomId).find(({ at }) => at.nodeId === nodeId);
      if (route !== undefined) void seek(event.roomId, route.at, 'moved');
      return;
    }
    // What nodes lend each other is not a gateway's.
    if (event.type === 'lent') return;
    const { roomId: interviewId, participantId, sessionId, fence, epoch, seq } = event;
    const route = routes.get(participantId);
    if (route !== undefined && fence < route.at.fence) return;
    if (attached.has(sessionId)) {
      options.sendRoom(sessionId, { interviewId, participantId, epoch, seq, event: event.event });
    }
    if (route?.sessionId !== sessionId || fence !== route.at.fence) return;
    Object.assign(route, { epoch, seq });
    if (isOut(event.event, participantId)) forget(route);
  };
  fleet.listen({
    onEvent,
    onState(nodeId, isUp) {
      log.info({ nodeId, isUp }, isUp ? 'a media node answers' : 'a media node does not answer');
      for (const route of routes.onNode(nodeId)) {
        if (isUp) void catchUp(route);
        else void seek(route.interviewId, route.at, 'moved or up');
      }
    },
  });

  return { say, seek };
};
