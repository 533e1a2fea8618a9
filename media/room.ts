/**
 * A room on this node: a router on one worker and the participants in it. When the worker dies the room reopens on another under
 * a new epoch: its participants stay, their media is gone, and each is told to join again.
 */
import { errors, type types } from 'mediasoup';
import type { Logger } from 'pino';
import { MAX_PARTICIPANTS, ProtocolError, type RoomRecovery, type RoomState } from '../protocol/index.ts';
import type { MediaCommand, MediaEvent, MediaReply } from '../signaling/media-node.ts';
import type { Clock } from '../src/clock.ts';
import { ROUTER_RTP_CAPABILITIES } from './codecs.ts';
import type { MediaWorker } from './media-worker.ts';
import { createMedia, type Participant, viewOf } from './participant.ts';
import { openPlace, type Place } from './place.ts';
import { qualityOf } from './quality.ts';
import { createReceiving, type Receiving } from './receiving.ts';
import { gone, isWorkerLost } from './refusals.ts';
import { type RoomContext, sentIn } from './room-context.ts';
import { scoresOf } from './room-quality.ts';
import { createRoster } from './roster.ts';
import { createSending, type Sending } from './sending.ts';
import type { MediaSettings } from './settings.ts';
import { createTransports } from './transports.ts';

/** Workers that die under one joining before it is given up. */
const MAX_ATTEMPTS = 3;

export interface RoomOptions {
  readonly roomId: string;
  readonly settings: MediaSettings;
  readonly clock: Clock;
  readonly log: Logger;
  /** Gives the worker to open on. */
  readonly take: () => Promise<MediaWorker>;
  /** Larger than every epoch before. */
  readonly nextEpoch: () => number;
  readonly emit: (event: MediaEvent) => void;
  /** Nobody is in it, and nobody is about to be: it has closed. */
  readonly onEmptied: () => void;
}

export interface Room {
  readonly roomId: string;
  readonly sending: Sending;
  readonly receiving: Receiving;
  join(command: MediaCommand<'join'>): Promise<MediaReply<'join'>>;
  leave(participantId: string, reason: MediaCommand<'leave'>['reason']): void;
  setConnected(participantId: string, connected: boolean): void;
  /** Throws `gone` when they are not in the room. */
  participant(participantId: string): Participant;
  replay(participantId: string, from: { epoch: number; seq: number }): RoomRecovery;
  isOn(worker: MediaWorker): boolean;
  /** Moves to another worker; false when there is none and the room closed instead. */
  reopen(): Promise<boolean>;
  /** Ends it for everyone. */
  close(): void;
}

export const createRoom = (options: RoomOptions): Room => {
  const { roomId, settings, clock, log, nextEpoch } = options;
  const roster = createRoster({ roomId, epoch: nextEpoch(), clock, emit: options.emit });
  const { participants, tell, tellAll } = roster;
  const joining = new Set<string>();
  let speakerId: string | null = null;
  let closed = false;
  let place: Place | undefined;

  const context: RoomContext = {
    participants,
    log,
    tell,
    tellAll,
    speakerId: () => speakerId,
    onMicrophone: ({ producer }) => void place?.speakers.add(producer),
    onScore: (participant) => participant.quality.observe(qualityOf(scoresOf(participant))),
  };
  const receiving = createReceiving(context);
  const sending = createSending(context, receiving);

  const onSpeaker = (router: types.Router, producer: types.Producer | undefined): void => {
    const next = sentIn(context).find((track) => track.producer === producer)?.participantId ?? null;
    if (closed || router !== place?.router || next === speakerId) return;
    speakerId = next;
    tellAll({ type: 'speaker.changed', participantId: speakerId });
    receiving.updatePriorities();
  };

  const open = async (): Promise<Place> => {
    const opened = await openPlace(options.take, onSpeaker);
    place = opened;
    if (closed) opened.router.close();
    return opened;
  };
  let opening = open();

  const stateFor = (participant: Participant): RoomState => {
    const consumers = receiving.state(participant);
    const { head: seq } = participant.events;
    return { epoch: roster.epoch, seq, participants: [...participants.values()].map(viewOf), consumers, speakerId };
  };
  const enter = async (command: MediaCommand<'join'>): Promise<MediaReply<'join'>> => {
    const { worker, router } = await opening;
    const transports = await createTransports(router, worker, settings);
    if (closed) throw gone('The room is closed.');
    const participant = participants.get(command.participantId) ?? roster.admit(command);
    participant.hears = false;
    sending.closeMedia(participant);
    participant.media = createMedia(router, transports, command.rtpCapabilities);
    transports.onStateChange(() => context.onScore(participant));
    await receiving.offerAll(participant);
    if (closed) throw gone('The room is closed.');
    // The room moved meanwhile, and took their media away.
    if (participant.media?.transports !== transports) throw new errors.WorkerClosedError('the room moved');
    roster.hear(participant);
    const state = stateFor(participant);
    roster.tellQualities(participant);
    return {
      routerRtpCapabilities: ROUTER_RTP_CAPABILITIES,
      sendTransport: transports.options('send'),
      receiveTransport: transports.options('receive'),
      state,
    };
  };

  /** Enters, again when the worker dies meanwhile. */
  const enterSomewhere = async (command: MediaCommand<'join'>): Promise<MediaReply<'join'>> => {
    for (let attempt = 1; ; attempt += 1) {
      try {
        return await enter(command);
      } catch (error) {
        if (!isWorkerLost(error)) throw error;
        if (attempt === MAX_ATTEMPTS)
          throw new ProtocolError('unavailable', 'Media workers keep failing; try again in a moment.');
      }
    }
  };

  const shut = (): void => {
    closed = true;
    place?.router.close();
    roster.clear();
  };
  const shutIfEmpty = (): void => {
    if (closed || participants.size > 0 || joining.size > 0) return;
    shut();
    options.onEmptied();
  };
  const end = (): void => {
    if (closed) return;
    tellAll({ type: 'room.closed' });
    shut();
  };

  const leave: Room['leave'] = (participantId, reason) => {
    const participant = participants.get(participantId);
    if (participant === undefined) return;
    roster.remove(participant);
    sending.closeMedia(participant);
    tellAll({ type: 'participant.left', participantId, reason });
    tell(participant, { type: 'participant.left', participantId, reason });
    shutIfEmpty();
  };

  return {
    roomId,
    sending,
    receiving,
    leave,
    participant: roster.get,
    setConnected: roster.setConnected,
    close: end,
    async join(command) {
      const { participantId } = command;
      if (closed) throw gone('The room is closed.');
      const others = new Set([...participants.keys(), ...joining]);
      others.delete(participantId);
      if (others.size >= MAX_PARTICIPANTS) throw new ProtocolError('room_full', `${MAX_PARTICIPANTS} people are in the room.`);
      const isNew = !participants.has(participantId);
      joining.add(participantId);
      try {
        return await enterSomewhere(command);
      } catch (error) {
        const participant = participants.get(participantId);
        if (isNew) leave(participantId, 'lost');
        else if (participant !== undefined) roster.hear(participant);
        throw closed ? gone('The room is closed.') : error;
      } finally {
        joining.delete(participantId);
        shutIfEmpty();
      }
    },
    replay(participantId, from) {
      const participant = roster.get(participantId);
      const events = roster.after(participant, from);
      if (events !== undefined) return { recovered: true, epoch: roster.epoch, seq: participant.events.head, events };
      const state = stateFor(participant);
      roster.tellQualities(participant);
      return { recovered: false, state };
    },
    isOn: (worker) => place?.worker === worker,
    async reopen() {
      for (const participant of participants.values()) participant.media = undefined;
      speakerId = null;
      place = undefined;
      roster.renew(nextEpoch());
      opening = open();
      tellAll({ type: 'room.reopened' });
      try {
        await opening;
        return true;
      } catch (error) {
        log.error({ err: error, roomId }, 'a room found no worker to reopen on');
        end();
        return false;
      }
    },
  };
};
