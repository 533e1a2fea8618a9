/**
 * A room on this node: its participants, and the places on workers where their media is, of which other nodes lend some when it is larger
 * than this one. When the only place is lost the room reopens elsewhere under a new epoch: its participants stay, their media is gone,
 * and each is told to join again. When one of several is lost, only those who had media there are told.
 */
import { errors } from 'mediasoup';
import type { Logger } from 'pino';
import { DEFAULT_PARTICIPANTS, ProtocolError, type RoomRecovery, type RoomState } from '../protocol/index.ts';
import type { MediaCommand, MediaEvent, MediaReply } from '../signaling/media-node.ts';
import type { Clock } from '../src/clock.ts';
import { ROUTER_RTP_CAPABILITIES } from './codecs.ts';
import { createLoudest } from './loudest.ts';
import type { MediaWorker } from './media-worker.ts';
import { createMoving } from './moving.ts';
import type { Neighbours } from './neighbours.ts';
import { createMedia, type Media, mediasOf, type Participant, type SentTrack, viewOf } from './participant.ts';
import { createPipes } from './pipes.ts';
import { isLocal, type Place } from './place.ts';
import { createPlaces } from './places.ts';
import { qualityOf } from './quality.ts';
import { createReceiving, type Receiving } from './receiving.ts';
import { gone, isWorkerLost, unlessGone } from './refusals.ts';
import { type RoomContext, sentIn } from './room-context.ts';
import { scoresOf } from './room-quality.ts';
import { createRoster } from './roster.ts';
import { createSending, type Sending } from './sending.ts';
import type { MediaSettings } from './settings.ts';
import type { Workers } from './workers.ts';

/** Workers that die under one joining before it is given up. */
const MAX_ATTEMPTS = 3;
const DEFAULT_CONSUMERS_PER_WORKER = 450;

export interface RoomOptions {
  readonly roomId: string;
  readonly settings: MediaSettings;
  readonly clock: Clock;
  readonly log: Logger;
  readonly workers: Pick<Workers, 'take' | 'spare'>;
  readonly neighbours: Pick<Neighbours, 'borrow' | 'avoid'>;
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
  /** A worker died; false when there is no other and the room closed. */
  lose(worker: MediaWorker): Promise<boolean>;
  /** Asks those on a worker, or everyone, to move to another. Throws `unavailable` when there is none. */
  move(withinMs: number, from?: MediaWorker): Promise<void>;
  /** Another node has been given the room: everyone is to move there. */
  announceMove(withinMs: number): void;
  /** Those who have not left a worker yet stay. */
  callOffMove(from: MediaWorker): void;
  /** The participant has moved: what it had before is closed once the others have what it sends now. */
  settle(participantId: string): Promise<void>;
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

  /** For what is nobody's request. */
  const quietly = (work: () => Promise<unknown>): void =>
    void unlessGone(work).catch((error) => log.warn({ err: error, roomId }, 'a media worker refused a command'));

  const pipes = createPipes({
    quietly,
    clock,
    onDeaf(from, to) {
      log.error(
        { roomId },
        'no media comes through between two media nodes: open UDP between their hosts, or set PARLEY_MEDIA_BRIDGE_ADDRESS on each',
      );
      const [borrowed] = [to, from].filter((place) => !isLocal(place));
      if (borrowed === undefined) return;
      options.neighbours.avoid(borrowed);
      void losePlace(borrowed);
    },
  });
  const loudest = createLoudest(() => participants.size);
  /** Lets the room's ear hear a microphone, wherever it is. */
  const listen = (track: SentTrack): void => {
    const ear = places.ear();
    if (ear !== undefined) quietly(async () => ear.speakers.add(track.participantId, await pipes.reach(track, ear)));
  };
  const places = createPlaces({
    workers: options.workers,
    settings,
    borrow: (busy) =>
      options.neighbours.borrow(roomId, busy, {
        onLost: losePlace,
        onLeaving: (place, withinMs) => moving.begin([place], withinMs),
        onStaying: (place) => moving.callOff([place]),
      }),
    consumersPerWorker: settings.consumersPerWorker ?? DEFAULT_CONSUMERS_PER_WORKER,
    peopleAt: (place) => [...participants.values()].filter((who) => mediasOf(who).some((media) => media.place === place)).length,
    listener: {
      onSpeaker(participantId) {
        if (closed || participantId === speakerId) return;
        speakerId = participantId;
        tellAll({ type: 'speaker.changed', participantId });
        receiving.updatePriorities();
      },
      onAudible(participantIds) {
        if (!closed && loudest.hear(participantIds)) receiving.updateHeld();
      },
    },
    onEar() {
      for (const track of sentIn(context)) if (track.source === 'microphone') listen(track);
    },
    onClosed: pipes.forget,
  });

  const context: RoomContext = {
    participants,
    clock,
    log,
    tell,
    tellAll,
    reach: pipes.reach,
    isForwarded: ({ source, participantId }) => source !== 'microphone' || loudest.isForwarded(participantId),
    speakerId: () => speakerId,
    onMicrophone: listen,
    onScore: (participant) => participant.quality.observe(qualityOf(scoresOf(participant))),
  };
  const receiving = createReceiving(context);
  const sending = createSending(context, receiving);
  const moving = createMoving({ room: context, places, sending, receiving, clock });

  /** Takes media of a participant away. */
  const drop = (participant: Participant, ...medias: readonly (Media | undefined)[]): void => {
    if (medias.includes(participant.media)) participant.media = undefined;
    if (medias.includes(participant.previous)) participant.previous = undefined;
    for (const media of medias) sending.closeMedia(media);
  };

  const stateFor = (participant: Participant): RoomState => {
    const consumers = receiving.state(participant);
    const { head: seq } = participant.events;
    return { epoch: roster.epoch, seq, participants: [...participants.values()].map(viewOf), consumers, speakerId };
  };
  const enter = async (command: MediaCommand<'join'>): Promise<MediaReply<'join'>> => {
    const place = await places.choose(new Set([...participants.keys(), ...joining]).size);
    place.expected += 1;
    try {
      const transports = await place.openTransports();
      if (closed) throw gone('The room is closed.');
      const participant = participants.get(command.participantId) ?? roster.admit(command);
      participant.hears = false;
      const before = command.move === true && participant.media?.transports.closed === false ? participant.media : undefined;
      drop(participant, participant.previous, ...(before === undefined ? [participant.media] : []));
      const media = createMedia(place, transports, command.rtpCapabilities);
      participant.media = media;
      participant.previous = before;
      transports.onStateChange(() => context.onScore(participant));
      receiving.updateHeld();
      await receiving.offerAll(participant);
      if (closed) throw gone('The room is closed.');
      if (participant.media !== media || transports.closed) {
        // The place was lost meanwhile. Who moves keeps what they had.
        if (participant.media === media) {
          drop(participant, media);
          participant.media = participant.previous;
          participant.previous = undefined;
        }
        throw new errors.WorkerClosedError('the place was lost');
      }
      roster.hear(participant);
      const state = stateFor(participant);
      roster.tellQualities(participant);
      return {
        routerRtpCapabilities: ROUTER_RTP_CAPABILITIES,
        sendTransport: transports.options('send'),
        receiveTransport: transports.options('receive'),
        state,
      };
    } finally {
      place.expected -= 1;
      places.closeUnused();
    }
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
    places.closeAll();
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
    drop(participant, participant.media, participant.previous);
    tellAll({ type: 'participant.left', participantId, reason });
    tell(participant, { type: 'participant.left', participantId, reason });
    receiving.updateHeld();
    places.closeUnused();
    shutIfEmpty();
  };

  const losePlace = async (lost: Place): Promise<boolean> => {
    if (places.all().length > 1) {
      moving.lose(lost);
      return true;
    }
    places.close(lost);
    for (const participant of participants.values()) {
      participant.media = undefined;
      participant.previous = undefined;
    }
    speakerId = null;
    roster.renew(nextEpoch());
    const opening = places.choose(participants.size);
    tellAll({ type: 'room.reopened' });
    try {
      await opening;
      return true;
    } catch (error) {
      log.error({ err: error, roomId }, 'a room found no worker to reopen on');
      end();
      return false;
    }
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
      const { maxParticipants = DEFAULT_PARTICIPANTS } = command;
      if (others.size >= maxParticipants) throw new ProtocolError('room_full', `${maxParticipants} people are in the room.`);
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
    isOn: (worker) => places.on(worker) !== undefined,
    async lose(worker) {
      const lost = places.on(worker);
      return lost === undefined || losePlace(lost);
    },
    async move(withinMs, from) {
      const here = places.all().filter(isLocal);
      const leaving = here.filter(({ worker }) => from === undefined || worker === from);
      const isStaying = here.some((place) => !place.leaving && !leaving.includes(place));
      if (!isStaying && (await places.openElsewhere()) === undefined)
        throw new ProtocolError('unavailable', 'There is no other media worker to move to.');
      moving.begin(leaving, withinMs);
    },
    announceMove: (withinMs) => tellAll({ type: 'room.moving', withinMs }),
    callOffMove(from) {
      moving.callOff(places.all().filter(({ worker }) => worker === from));
    },
    settle: async (participantId) => moving.settle(roster.get(participantId)),
  };
};
