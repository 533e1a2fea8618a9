/**
 * Room control: which session holds which participant, who may speak for it, and how long it stays without a socket. Media belongs
 * to the participant, not to the socket; here is only said whose the participant is.
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
import type { Addressed, MediaCommand, MediaEvent, MediaNode } from './media-node.ts';
import { createParticipants, type HeldParticipant } from './participants.ts';

export interface Rooms {
  join(caller: Caller, payload: Payload<'room.join'>): Promise<Joined>;
  resume(caller: Caller, payload: Payload<'room.resume'>): Promise<RoomRecovery>;
  leave(caller: Caller, payload: Payload<'room.leave'>): Promise<Record<string, never>>;
  /** The participant's address on the media node. Throws `gone` when there is none, `forbidden` when this session does not hold it. */
  authorize(caller: Caller, payload: { interviewId: string; participantId: string }): Addressed;
  isEmpty(interviewId: string): boolean;
  /** The user may no longer be in the room. */
  removeUser(interviewId: string, userId: UserId): void;
  /** The interview is over: everyone is told, and the room is gone. */
  closeRoom(interviewId: string): void;
  sessionAttached(sessionId: string): void;
  sessionDetached(sessionId: string): void;
  sessionEnded(sessionId: string): void;
  close(): void;
}

const gone = (): ProtocolError => new ProtocolError('gone', 'The participant is not in the room; join again.');
const superseded = (): ProtocolError =>
  new ProtocolError('conflict', 'Another device of the same person has the call; join anew to take it back.');
const notYours = (): ProtocolError => new ProtocolError('forbidden', 'The participant is not held by this session.');

export const createRooms = (options: {
  mediaNode: MediaNode;
  sendRoom: (sessionId: string, push: RoomPush) => void;
  clock: Clock;
  log: Logger;
  graceMs: number;
  maxParticipants: number;
  /** STUN and TURN servers for a user, with credentials that are good from now on. */
  iceServersFor: (userId: UserId) => IceServer[];
  /** Lets a member in, or throws. */
  enter: (userId: UserId, interviewId: string) => Promise<unknown>;
  isActive: (interviewId: string) => boolean;
  /** The first came, or the last left. */
  onChange: (interviewId: string) => void;
}): Rooms => {
  const { mediaNode, clock, log, graceMs } = options;
  const participants = createParticipants();
  const attached = new Set<string>();

  const addressOf = ({ interviewId, participantId }: HeldParticipant): Addressed => ({ roomId: interviewId, participantId });

  /** For commands that nobody waits for: the room may be gone, or the node closing. */
  const quietly = (command: Promise<unknown>): Promise<unknown> =>
    command.catch((error) => log.debug({ err: error }, 'the media node did not take a command'));

  const forget = (held: HeldParticipant): void => {
    held.cancelGrace?.();
    participants.delete(held);
    options.onChange(held.interviewId);
  };

  const remove = async (held: HeldParticipant, reason: MediaCommand<'leave'>['reason']): Promise<void> => {
    if (held.leaving) return;
    held.leaving = true;
    held.cancelGrace?.();
    if (reason === 'superseded') participants.supersede(held);
    options.onChange(held.interviewId);
    await quietly(mediaNode.request('leave', { ...addressOf(held), reason }));
    forget(held);
  };

  const setConnected = (held: HeldParticipant, connected: boolean): void => {
    void quietly(mediaNode.request('setConnected', { ...addressOf(held), connected }));
  };
  /** Holds the participant's connection against its session's: in the room while there is a socket, on grace while there is none. */
  const follow = (held: HeldParticipant): void => {
    const wasAway = held.cancelGrace !== undefined;
    held.cancelGrace?.();
    held.cancelGrace = undefined;
    if (held.leaving) return;
    if (!attached.has(held.sessionId)) {
      held.cancelGrace = clock.after(graceMs, () => void remove(held, 'lost'));
      if (!wasAway) setConnected(held, false);
    } else if (wasAway) setConnected(held, true);
  };

  /** Who is in the room under this id, whoever asks. */
  const present = ({ interviewId, participantId }: { interviewId: string; participantId: string }): HeldParticipant => {
    if (participants.isSuperseded(interviewId, participantId)) throw superseded();
    const held = participants.get(participantId);
    if (held === undefined || held.interviewId !== interviewId || held.leaving) throw gone();
    return held;
  };
  /** The participant that a session claims when it joins again; undefined when it is a new one. */
  const claimed = (caller: Caller, payload: Payload<'room.join'>): HeldParticipant | undefined => {
    const { interviewId, participantId, participantToken = '' } = payload;
    if (participants.isSuperseded(interviewId, participantId)) throw superseded();
    const held = participants.get(participantId);
    if (held === undefined) return undefined;
    const proves = held.sessionId === caller.sessionId || held.acceptsToken(participantToken);
    if (held.interviewId !== interviewId || held.userId !== caller.userId || !proves) throw notYours();
    return present(payload);
  };

  const hold = ({ userId, sessionId }: Caller, { interviewId, participantId }: Payload<'room.join'>): HeldParticipant => {
    const held = participants.add({ interviewId, participantId, userId, sessionId, joinedAt: clock.now() });
    options.onChange(interviewId);
    return held;
  };

  const onParticipantEvent = (event: Extract<MediaEvent, { type: 'participant' }>): void => {
    const held = participants.get(event.participantId);
    if (held === undefined || held.interviewId !== event.roomId) return;
    const { participantId, epoch, seq, event: roomEvent } = event;
    if (attached.has(held.sessionId)) {
      options.sendRoom(held.sessionId, { interviewId: held.interviewId, participantId, epoch, seq, event: roomEvent });
    }
    if (roomEvent.type === 'room.closed') {
      held.leaving = true;
      forget(held);
    }
  };
  const stopListening = mediaNode.onEvent((event) => {
    switch (event.type) {
      case 'participant':
        return onParticipantEvent(event);
      case 'room.emptied':
        return log.debug({ roomId: event.roomId }, 'a room is empty');
      case 'worker.died':
        return log.warn({ workerPid: event.pid, reopened: event.reopenedRoomIds, closed: event.closedRoomIds }, 'rooms moved');
    }
  });

  const closeRoom = (interviewId: string): void => {
    participants.forgetRoom(interviewId);
    void quietly(mediaNode.request('closeRoom', { roomId: interviewId }));
  };
  const authorize: Rooms['authorize'] = (caller, payload) => {
    const held = present(payload);
    if (held.sessionId !== caller.sessionId || held.userId !== caller.userId) throw notYours();
    return addressOf(held);
  };

  return {
    authorize,
    closeRoom,
    async join(caller, payload) {
      const { interviewId, participantId, rtpCapabilities } = payload;
      claimed(caller, payload);
      await options.enter(caller.userId, interviewId);
      const before = claimed(caller, payload);
      const held = before ?? hold(caller, payload);
      participants.hand(held, caller.sessionId);
      try {
        // One participant a person: the newest wins, and the device that had the call is told so.
        const older = participants.inRoom(interviewId).filter((other) => other.userId === caller.userId && other !== held);
        await Promise.all(older.map((other) => remove(other, 'superseded')));
        // A still newer device may have come meanwhile; its word reached the media node first.
        present(payload);
        const { userId, joinedAt } = held;
        const reply = await mediaNode.request('join', {
          roomId: interviewId,
          participantId,
          userId,
          joinedAt,
          rtpCapabilities,
          move: payload.move,
          maxParticipants: options.maxParticipants,
        });
        if (!options.isActive(interviewId)) {
          closeRoom(interviewId);
          throw new ProtocolError('gone', 'The interview ended meanwhile.');
        }
        present(payload);
        follow(held);
        const iceServers = options.iceServersFor(caller.userId);
        return { interviewId, participantId, participantToken: held.token, graceMs, iceServers, ...reply };
      } catch (error) {
        if (before === undefined) await remove(held, 'lost');
        throw error;
      }
    },
    async resume(caller, payload) {
      const { participantToken, epoch, seq } = payload;
      const held = present(payload);
      if (held.userId !== caller.userId || !held.acceptsToken(participantToken)) throw notYours();
      participants.hand(held, caller.sessionId);
      const recovery = await mediaNode.request('replay', { ...addressOf(held), epoch, seq });
      follow(held);
      return recovery;
    },
    async leave(caller, payload) {
      const held = participants.get(payload.participantId);
      if (held === undefined || held.leaving) return {};
      authorize(caller, payload);
      await remove(held, 'left');
      return {};
    },
    removeUser(interviewId, userId) {
      for (const held of participants.inRoom(interviewId)) if (held.userId === userId) void remove(held, 'left');
    },
    isEmpty: (interviewId) => participants.inRoom(interviewId).length === 0,
    sessionAttached(sessionId) {
      attached.add(sessionId);
      for (const held of participants.heldBy(sessionId)) follow(held);
    },
    sessionDetached(sessionId) {
      attached.delete(sessionId);
      for (const held of participants.heldBy(sessionId)) follow(held);
    },
    sessionEnded(sessionId) {
      // Ended with its socket: the person signed out. Without: the grace runs already, and another session may take over.
      if (!attached.delete(sessionId)) return;
      for (const held of participants.heldBy(sessionId)) void remove(held, 'left');
    },
    close() {
      stopListening();
      for (const held of participants.all()) held.cancelGrace?.();
    },
  };
};
