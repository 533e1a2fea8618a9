/**
 * A call: one's seat in the room of a live interview, and what is sent and received there. It outlives a lost socket
 * (media goes on), broken ICE (that transport restarts) and a room that moved (the seat is taken again, with the same
 * tracks).
 */
import type { types } from 'mediasoup-client';
import { type Interview, isActive, type Joined, ProtocolError, type RtpCapabilities } from '../../protocol/index.ts';
import type { Environment } from '../clock.ts';
import { asProtocolError } from '../errors.ts';
import { createView } from '../readable.ts';
import type { Call, CallStatus, CallView, Client } from '../types.ts';
import { uuid } from '../uuid.ts';
import { createCallView } from './call-view.ts';
import { createHandover } from './handover.ts';
import type { TileSize } from './layers.ts';
import { createMedia, type Media } from './media.ts';
import { createOutgoingTracks } from './outgoing.ts';
import { hasComeOver } from './room.ts';
import { createSeat } from './seat.ts';
import { createSignal } from './signal.ts';
import { measure } from './stats.ts';

export interface RunningCall extends Call {
  /** Joins; rejects when the room cannot be joined, and then the tracks are still the caller's. */
  join(tracks: { microphone?: MediaStreamTrack; camera?: MediaStreamTrack }): Promise<void>;
}

export interface CallOptions {
  readonly client: Client;
  readonly environment: Environment;
  readonly device: types.Device;
  readonly interview: Interview;
  readonly pixelRatio: () => number;
  /** The call is over, however it came to that. */
  onOver(): void;
}

/** What does not flow in the new place by then is not waited for. */
const MOVE_MS = 8_000;
const LOOK_EVERY_MS = 50;

type OverStatus = Extract<CallStatus, 'left' | 'ended' | 'failed'>;

export const createCall = (options: CallOptions): RunningCall => {
  const { client, device, interview, environment, pixelRatio } = options;
  const { interviewId, threadId } = interview;
  const participantId = uuid();
  let status: CallStatus = 'joining';
  let error: ProtocolError | undefined;
  let media: Media | undefined;
  /** While the room moves: what flowed before, until what is new flows. */
  let fading: Media | undefined;
  const tiles = new Map<string, TileSize | null>();

  const compose = createCallView();
  const view = createView<CallView>(() =>
    compose({
      status,
      error,
      media: interview.media,
      me: client.me.get()?.userId ?? '',
      participantId,
      room: seat.room,
      outgoing: outgoing.tracks,
      connected: status === 'live',
      track: (id, source) => handover.choose([fading, media].flatMap((each) => each?.receiver.candidates(id, source) ?? [])),
    }),
  );

  const handover = createHandover({
    clock: environment.clock,
    onFlow: view.invalidate,
  });

  const outgoing = createOutgoingTracks({ onChange: view.invalidate });

  const isOver = (): boolean => status === 'left' || status === 'ended' || status === 'failed';

  const finish = (end: OverStatus, cause?: ProtocolError): void => {
    if (isOver()) return;
    status = end;
    error = cause;
    stopHearingInbox();
    seat.close();
    outgoing.stopAll();
    closeMedia();
    handover.close();
    view.invalidate();
    options.onOver();
  };

  const openMedia = (joined: Joined): void => {
    const rejoin = (): void => {
      if (media === mine) seat.rejoin();
    };
    const mine = createMedia({
      device,
      joined,
      clock: environment.clock,
      pixelRatio,
      signal: createSignal({ client, environment, interviewId, participantId, onGone: rejoin }),
      onTracks: view.invalidate,
      onTrackEnded: outgoing.ended,
      onLost: rejoin,
    });
    media = mine;
    for (const [id, size] of tiles) mine.receiver.setTileSize(id, size);
    outgoing.use(mine.sender);
  };

  const closeMedia = (): void => {
    fading?.close();
    media?.close();
    fading = undefined;
    media = undefined;
  };

  /** Opens the new place beside the old one. */
  const moveMedia = (joined: Joined, withinMs: number): void => {
    fading?.close();
    fading = media;
    // The room takes what is said from now on for the new transports.
    fading?.signal.close();
    openMedia(joined);
    const mine = media;
    settling = false;
    environment.clock.after(Math.min(MOVE_MS, withinMs), () => {
      if (media !== mine || fading === undefined) return;
      if (mine?.isConnected() === true) void settle();
      else seat.rejoin();
    });
    environment.clock.after(LOOK_EVERY_MS, settleWhenFlowing);
  };

  let settling = false;
  const settleWhenFlowing = (): void => {
    if (fading === undefined || settling) return;
    const isHere = media?.isConnected() === true && seat.room !== undefined && hasComeOver(seat.room);
    if (isHere && media?.receiver.isFlowing(handover.hasFlowed) === true) void settle();
    else environment.clock.after(LOOK_EVERY_MS, settleWhenFlowing);
  };
  /** Everything has come over: the room is told, and lets go of the old place once the others are ready too. */
  const settle = async (): Promise<void> => {
    const before = fading;
    if (settling || media === undefined || before === undefined) return;
    settling = true;
    await media.signal.ask('room.settled', {}).catch(() => {});
    if (fading !== before) return;
    fading = undefined;
    before.close();
    seat.settled();
    view.invalidate();
  };

  const seat = createSeat({
    client,
    environment,
    interviewId,
    participantId,
    rtpCapabilities: device.recvRtpCapabilities as RtpCapabilities,
    onJoined: openMedia,
    onRoom(room) {
      media?.receiver.sync(room.consumers);
      view.invalidate();
    },
    onMoved: moveMedia,
    onLost() {
      outgoing.use(undefined);
      closeMedia();
    },
    onLive(live) {
      if (live) media?.signal.resume();
      else media?.signal.suspend();
      if (live) status = 'live';
      else if (status === 'live') status = 'reconnecting';
      view.invalidate();
    },
    onOver: finish,
    isOn: () => isActiveNow() ?? false,
  });

  /** Undefined when the inbox does not show the thread. */
  const isActiveNow = (): boolean | undefined => {
    const thread = client.inbox.get().threads.find((listed) => listed.threadId === threadId);
    return thread && thread.interview?.interviewId === interviewId && isActive(thread.interview);
  };
  let wasActive = false;
  /** The interview's own log says when it is over, also to who was away when it ended. */
  const onInbox = (): void => {
    const active = isActiveNow();
    if (wasActive && active === false) finish('ended');
    wasActive ||= active === true;
  };
  const stopHearingInbox = client.inbox.subscribe(onInbox);
  onInbox();

  return {
    interviewId,
    threadId,
    view,
    async join({ microphone, camera }) {
      try {
        await seat.join();
      } catch (thrown) {
        finish('failed', asProtocolError(thrown));
      }
      if (isOver()) throw error ?? new ProtocolError('gone', 'The call has ended.');
      if (microphone !== undefined) outgoing.set('microphone', microphone).catch(() => {});
      if (camera !== undefined) outgoing.set('camera', camera).catch(() => {});
    },
    setTrack(source, track) {
      if (!isOver()) return outgoing.set(source, track);
      track.stop();
      return Promise.reject(new ProtocolError('gone', 'The call has ended.'));
    },
    removeTrack: outgoing.remove,
    setMuted: outgoing.setMuted,
    setTileSize(id, size) {
      tiles.set(id, size);
      media?.receiver.setTileSize(id, size);
    },
    stats() {
      const producers = [...(media?.sender.producers ?? [])].map(
        ([source, producer]) => ({ participantId, source, direction: 'send', getStats: () => producer.getStats() }) as const,
      );
      const consumers = [...(media?.receiver.consumers() ?? [])].flatMap(([consumerId, consumer]) => {
        const offered = seat.room?.consumers.get(consumerId);
        if (offered === undefined) return [];
        const { participantId: from, source } = offered;
        return [{ participantId: from, source, direction: 'receive', getStats: () => consumer.getStats() } as const];
      });
      return measure([...producers, ...consumers]);
    },
    async leave() {
      if (isOver()) return;
      const left = client.request('room.leave', { interviewId, participantId });
      finish('left');
      // Whoever is not heard leaving is missed soon enough.
      await left.catch(() => {});
    },
    async endForAll() {
      await client.request('interview.end', { interviewId });
      finish('ended');
    },
  };
};
