/**
 * A WebRTC client for tests: real ICE, DTLS, encoders and decoders in this process, driven by mediasoup-client as a browser's
 * would be. It keeps every push, consumes what it is offered, and counts what it decodes.
 */
import { randomUUID } from 'node:crypto';
import { Device, type types } from 'mediasoup-client';
import type {
  Consumer,
  DtlsParameters,
  IceParameters,
  Joined,
  MediaSource,
  RoomEvent,
  RoomPush,
  RoomState,
  RtpCapabilities,
  RtpParameters,
} from '../../protocol/index.ts';
import { until } from '../support/until.ts';
import { type FakeTrack, fakeCamera, fakeMicrophone } from './fake-tracks.ts';
import type { Link } from './links.ts';
import { provideWebRtc, RTCAudioSink, RTCVideoSink } from './wrtc.ts';

provideWebRtc();

/** What came out of one consumer. */
export interface Heard {
  readonly view: Consumer;
  readonly consumer: types.Consumer;
  frames: number;
  /** Size of the last decoded frame. */
  width: number;
  /** Sum of squared samples, each from -1 to 1. */
  energy: number;
  stop(): void;
}

interface Sending {
  readonly producer: types.Producer;
  readonly fake: FakeTrack;
}

export class RtcClient {
  readonly participantId: string;
  readonly interviewId: string;
  readonly link: Link;
  readonly pushes: RoomPush[] = [];
  readonly heard = new Map<string, Heard>();
  readonly sending = new Map<MediaSource, Sending>();
  joined: Joined | undefined;
  /** How many requests carried media signaling: what a join costs. */
  roundTrips = 0;
  /** What its transports went through: `send connected`. */
  readonly states: string[] = [];
  /** Starts what it is offered. */
  isReady = true;
  /** What its network lets through. */
  protocol: 'udp' | 'tcp' | 'any' = 'any';
  /** Sees every request before it is sent. */
  onRequest: (type: string, payload: unknown) => void = () => {};
  readonly #device = new Device({ handlerName: 'Chrome111' });
  readonly #unhear: () => void;
  #send: types.Transport | undefined;
  #receive: types.Transport | undefined;
  /** What is being done with the receiving transport: closing it meanwhile can bring the native library down. */
  #consuming: Promise<unknown> = Promise.resolve();

  constructor(link: Link, interviewId: string, participantId: string = randomUUID()) {
    this.link = {
      request: (type, payload) => {
        this.onRequest(type, payload);
        return link.request(type, payload);
      },
      onRoom: link.onRoom,
    };
    this.interviewId = interviewId;
    this.participantId = participantId;
    this.#unhear = link.onRoom((push) => {
      if (push.participantId !== participantId) return;
      this.pushes.push(push);
      void this.#apply(push.event);
    });
  }

  get as(): { interviewId: string; participantId: string } {
    return { interviewId: this.interviewId, participantId: this.participantId };
  }

  get state(): RoomState {
    if (this.joined === undefined) throw new Error('The client has not joined.');
    return this.joined.state;
  }

  get rtpCapabilities(): RtpCapabilities {
    return this.#device.recvRtpCapabilities as RtpCapabilities;
  }

  async prepare(): Promise<void> {
    if (this.#device.loaded) return;
    const { routerRtpCapabilities } = await this.link.request('room.capabilities', {});
    await this.#device.load({ routerRtpCapabilities: routerRtpCapabilities as types.RtpCapabilities });
  }

  /** Joins, or joins again: old transports are dropped, what was sent is not sent again by itself. */
  async join(options: { participantToken?: string; lateCapabilities?: boolean } = {}): Promise<Joined> {
    await this.prepare();
    this.#drop();
    const { participantToken, lateCapabilities = false } = options;
    const { rtpCapabilities } = this;
    this.roundTrips += 1;
    const joined = await this.link.request('room.join', {
      ...this.as,
      ...(participantToken === undefined ? {} : { participantToken }),
      ...(lateCapabilities ? {} : { rtpCapabilities }),
    });
    this.joined = joined;
    this.#send = this.#transport('send', joined);
    this.#receive = this.#transport('receive', joined);
    // What was pushed after the state was taken and heard before it: there was nothing yet to receive it with.
    const { epoch, seq } = joined.state;
    for (const push of this.pushes.filter((early) => early.epoch === epoch && early.seq > seq)) void this.#apply(push.event);
    if (lateCapabilities) await this.link.request('consumer.request', { ...this.as, rtpCapabilities });
    await this.#consume(joined.state.consumers);
    return joined;
  }

  async sendCamera(options: { simulcast?: boolean; width?: number; height?: number } = {}): Promise<string> {
    const encodings = [
      { rid: 'r0', scaleResolutionDownBy: 2, maxBitrate: 150_000, scalabilityMode: 'L1T3' },
      { rid: 'r1', scaleResolutionDownBy: 1, maxBitrate: 800_000, scalabilityMode: 'L1T3' },
    ];
    return this.#produce('camera', fakeCamera(options), options.simulcast === true ? { encodings } : {});
  }

  async sendMicrophone(options: { loudness?: number } = {}): Promise<string> {
    return this.#produce('microphone', fakeMicrophone(options), {
      codecOptions: { opusDtx: true, opusFec: true, opusNack: true },
    });
  }

  producerId(source: MediaSource): string {
    const id = this.sending.get(source)?.producer.id;
    if (id === undefined) throw new Error(`The client does not send its ${source}.`);
    return id;
  }

  /** What is heard of a source of a participant. */
  from(participantId: string, source: MediaSource): Heard | undefined {
    return [...this.heard.values()].find(({ view }) => view.participantId === participantId && view.source === source);
  }

  /** Waits for `count` more decoded frames of a participant's camera. */
  async decodes(participantId: string, count: number, withinMs = 20_000): Promise<void> {
    const before = this.from(participantId, 'camera')?.frames ?? 0;
    const decoded = () => (this.from(participantId, 'camera')?.frames ?? 0) - before;
    await until(`${count} frames of ${participantId}`, () => decoded() >= count, withinMs).catch((error: Error) => {
      throw new Error(`${error.message} There were ${decoded()}.`);
    });
  }

  /** Waits until a participant's microphone is heard. */
  async hears(participantId: string): Promise<void> {
    const before = this.from(participantId, 'microphone')?.energy ?? 0;
    await until(`sound of ${participantId}`, () => (this.from(participantId, 'microphone')?.energy ?? 0) > before + 1, 20_000);
  }

  events<Type extends RoomEvent['type']>(type: Type): Extract<RoomEvent, { type: Type }>[] {
    const events = this.pushes.map((push) => push.event);
    return events.filter((event): event is Extract<RoomEvent, { type: Type }> => event.type === type);
  }

  /** Waits for an event that fits. */
  event<Type extends RoomEvent['type']>(
    type: Type,
    fits: (event: Extract<RoomEvent, { type: Type }>) => boolean = () => true,
  ): Promise<Extract<RoomEvent, { type: Type }>> {
    return until(`${type} for ${this.participantId}`, () => this.events(type).find(fits));
  }

  /** Restarts ICE as a client does whose connection failed. */
  async restartIce(direction: 'send' | 'receive'): Promise<{ iceParameters: IceParameters }> {
    const answer = await this.link.request('transport.restart_ice', { ...this.as, direction });
    const transport = direction === 'send' ? this.#send : this.#receive;
    await transport?.restartIce({ iceParameters: answer.iceParameters as types.IceParameters });
    return answer;
  }

  /** Stops sending without a word, as if the network had gone. */
  goSilent(): void {
    this.#send?.close();
  }

  close(): void {
    this.#drop();
    for (const { fake } of this.sending.values()) fake.stop();
    this.#unhear();
  }

  #drop(): void {
    for (const heard of this.heard.values()) heard.stop();
    this.heard.clear();
    this.#send?.close();
    const receive = this.#receive;
    this.#receive = undefined;
    void this.#consuming.finally(() => receive?.close());
    for (const { fake } of this.sending.values()) fake.stop();
    this.sending.clear();
  }

  #transport(direction: 'send' | 'receive', joined: Joined): types.Transport {
    const { transportId, ...options } = direction === 'send' ? joined.sendTransport : joined.receiveTransport;
    const create = direction === 'send' ? this.#device.createSendTransport : this.#device.createRecvTransport;
    const iceCandidates = options.iceCandidates.filter(({ protocol }) => this.protocol === 'any' || protocol === this.protocol);
    const transport = create.call(this.#device, {
      id: transportId,
      ...options,
      iceCandidates,
    } as types.TransportOptions) as types.Transport;
    let first: DtlsParameters | undefined;
    transport.on('connectionstatechange', (state) => this.states.push(`${direction} ${state}`));
    transport.on('connect', ({ dtlsParameters }, done, failed) => {
      // The sending side's DTLS rides with its first producer, which saves a round trip.
      if (direction === 'send') {
        first = dtlsParameters as DtlsParameters;
        done();
        return;
      }
      this.roundTrips += 1;
      this.link
        .request('transport.connect', { ...this.as, direction, dtlsParameters: dtlsParameters as DtlsParameters })
        .then(done, failed);
    });
    transport.on('produce', ({ kind, rtpParameters, appData }, done, failed) => {
      const dtlsParameters = first;
      first = undefined;
      this.roundTrips += 1;
      this.link
        .request('producer.open', {
          ...this.as,
          producerId: appData.producerId as string,
          kind,
          source: appData.source as MediaSource,
          rtpParameters: rtpParameters as RtpParameters,
          ...(dtlsParameters === undefined ? {} : { dtlsParameters }),
        })
        .then(({ producerId }) => done({ id: producerId }), failed);
    });
    return transport;
  }

  async #produce(source: MediaSource, fake: FakeTrack, options: Partial<types.ProducerOptions>): Promise<string> {
    if (this.#send === undefined) throw new Error('The client has not joined.');
    const { track } = fake;
    const appData = { source, producerId: randomUUID() };
    const producer = await this.#send.produce({ track, stopTracks: false, appData, ...options });
    this.sending.set(source, { producer, fake });
    return producer.id;
  }

  async #apply(event: RoomEvent): Promise<void> {
    if (event.type === 'consumers.opened') await this.#consume(event.consumers);
    if (event.type === 'consumer.closed') {
      const heard = this.heard.get(event.consumerId);
      this.heard.delete(event.consumerId);
      heard?.stop();
      heard?.consumer.close();
    }
  }

  async #consume(views: readonly Consumer[]): Promise<void> {
    const transport = this.#receive;
    if (transport === undefined || views.length === 0) return;
    const isHere = (): boolean => this.#receive === transport;
    const hearing = Promise.all(views.map((view) => this.#hear(transport, view)));
    this.#consuming = Promise.allSettled([this.#consuming, hearing]);
    try {
      await hearing;
      if (!this.isReady || !isHere()) return;
      this.roundTrips += 1;
      await this.link.request('consumer.resume', { ...this.as, consumerIds: views.map(({ consumerId }) => consumerId) });
    } catch (error) {
      // The client closed, or joined again, while it was being offered these: the transport is gone and they with it.
      if (isHere()) throw error;
    }
  }

  async #hear(transport: types.Transport, view: Consumer): Promise<void> {
    const { consumerId: id, producerId, kind, rtpParameters } = view;
    const consumer = await transport.consume({ id, producerId, kind, rtpParameters: rtpParameters as types.RtpParameters });
    if (this.#receive !== transport) return;
    const heard: Heard = { view, consumer, frames: 0, width: 0, energy: 0, stop: () => sink.stop() };
    const sink = kind === 'video' ? new RTCVideoSink(consumer.track) : new RTCAudioSink(consumer.track);
    if (kind === 'video') {
      Object.assign(sink, {
        onframe: ({ frame }: { frame: { width: number } }) => {
          heard.frames += 1;
          heard.width = frame.width;
        },
      });
    } else {
      Object.assign(sink, {
        ondata: ({ samples }: { samples: Int16Array }) => {
          for (const sample of samples) heard.energy += (sample / 32_768) ** 2;
        },
      });
    }
    this.heard.set(id, heard);
  }
}
