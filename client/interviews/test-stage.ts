/**
 * For the tests of calls: a real gateway with real media workers, and people on the SDK with real WebRTC in this
 * process. What they say on the wire is noted, and their line can be cut.
 */
import { Device } from 'mediasoup-client';
import type { Joined, MediaSource, RequestType } from '../../protocol/index.ts';
import { type FakeTrack, fakeCamera, fakeMicrophone } from '../../test/media/fake-tracks.ts';
import { provideWebRtc, RTCAudioSink, RTCVideoSink } from '../../test/media/wrtc.ts';
import { openThread, startGateway, type TestGateway } from '../../test/support/gateway.ts';
import { startTcpProxy, type TcpProxy } from '../../test/support/tcp-proxy.ts';
import { createClient } from '../index.ts';
import { until } from '../test-support.ts';
import type { Call, CallParticipant, Client, Interviews } from '../types.ts';
import { createInterviews } from './index.ts';
import { createUdpProxy, type UdpProxy } from './test-udp-proxy.ts';

provideWebRtc();

export interface Said {
  readonly type: RequestType;
  readonly payload: Record<string, unknown>;
  /** How many replies had come in by then. */
  readonly replies: number;
}

export interface Person {
  readonly userId: string;
  readonly client: Client;
  readonly interviews: Interviews;
  readonly proxy: TcpProxy;
  /** All of this person's media goes through it. */
  readonly udp: UdpProxy;
  readonly said: Said[];
  /** Frames take this much longer each way. */
  setLatency(ms: number): void;
  camera(size?: { width: number; height: number }): MediaStreamTrack;
  microphone(): MediaStreamTrack;
}

export interface Stage {
  readonly gateway: TestGateway;
  readonly threadId: string;
  enter(userId: string): Promise<Person>;
  close(): Promise<void>;
}

/** The proposal thread of `client` and `talent`. */
export const setStage = async (settings: Record<string, unknown> = {}): Promise<Stage> => {
  const gateway = await startGateway(settings);
  return stageOn({ gateways: [gateway], threadId: await openThread(gateway), close: gateway.close });
};

/** The same on a cluster: people enter through its gateways by turns. */
export const stageOn = (cluster: { gateways: readonly TestGateway[]; threadId: string; close: () => Promise<void> }): Stage => {
  const { gateways, threadId } = cluster;
  const closings: (() => unknown)[] = [];
  let entered = 0;

  return {
    gateway: gateways[0] as TestGateway,
    threadId,
    async enter(userId) {
      const gateway = gateways[entered % gateways.length] as TestGateway;
      entered += 1;
      const proxy = await startTcpProxy(gateway.port);
      const udp = createUdpProxy();
      const said: Said[] = [];
      const fakes: FakeTrack[] = [];
      let latencyMs = 0;
      let replies = 0;
      const keep = (fake: FakeTrack): MediaStreamTrack => {
        fakes.push(fake);
        return fake.track;
      };

      /** A frame as the person gets it: media goes through the proxy. */
      const arrive = async (data: string): Promise<string> => {
        const frame = JSON.parse(data) as { id?: number; result?: Joined };
        if (frame.id === undefined) return data;
        replies += 1;
        if (frame.result?.sendTransport === undefined) return data;
        return JSON.stringify({ ...frame, result: await udp.redirect(frame.result) });
      };
      let arriving = Promise.resolve();

      class NotedSocket extends WebSocket {
        override send(frame: string): void {
          said.push({ ...JSON.parse(frame), replies });
          setTimeout(() => this.readyState === WebSocket.OPEN && super.send(frame), latencyMs);
        }
        override set onmessage(listener: ((event: MessageEvent) => void) | null) {
          super.onmessage = ({ data }: MessageEvent<string>) => {
            setTimeout(() => {
              arriving = arriving.then(async () =>
                listener?.call(this, new MessageEvent('message', { data: await arrive(data) })),
              );
            }, latencyMs);
          };
        }
      }

      const client = createClient({
        url: `ws://127.0.0.1:${proxy.port}/v1/socket`,
        token: () => gateway.token(userId),
        WebSocket: NotedSocket,
      });
      const interviews = createInterviews(client, {
        createDevice: () => new Device({ handlerName: 'Chrome111' }),
      });
      client.connect();
      await until(() => client.inbox.get().ready, `${userId} signed in`);
      closings.push(async () => {
        interviews.close();
        await client.close();
        for (const fake of fakes) fake.stop();
        await proxy.close();
        udp.close();
      });
      return {
        userId,
        client,
        interviews,
        proxy,
        udp,
        said,
        setLatency(ms) {
          latencyMs = ms;
        },
        camera: (size) => keep(fakeCamera(size)),
        microphone: () => keep(fakeMicrophone()),
      };
    },
    async close() {
      for (const close of closings) await close();
      await cluster.close();
    },
  };
};

/** Calls from the one, answered by the other, and both join; with what they send. */
export const talk = async (
  stage: Stage,
  caller: Person,
  callee: Person,
  send = { microphone: true, camera: true },
): Promise<[Call, Call]> => {
  const tracksOf = (person: Person) => ({
    ...(send.microphone ? { microphone: person.microphone() } : {}),
    ...(send.camera ? { camera: person.camera() } : {}),
  });
  const { interviewId } = await caller.interviews.call(stage.threadId, 'video');
  await until(() => callee.interviews.incoming.get().length === 1, 'the call to ring');
  await callee.interviews.answer(interviewId);
  return await Promise.all([
    caller.interviews.join(interviewId, tracksOf(caller)),
    callee.interviews.join(interviewId, tracksOf(callee)),
  ]);
};

export const other = (call: Call): CallParticipant | undefined => call.view.get().participants.find(({ isSelf }) => !isSelf);

/**
 * What has come out of a call's tracks since they were first looked at: this WebRTC keeps no statistics of a track,
 * but has sinks.
 */
interface Output {
  frames: number;
  energy: number;
}
const outputs = new WeakMap<MediaStreamTrack, Output>();

const outputOf = (track: MediaStreamTrack): Output => {
  const known = outputs.get(track);
  if (known !== undefined) return known;
  const output: Output = { frames: 0, energy: 0 };
  outputs.set(track, output);
  if (track.kind === 'video') {
    new RTCVideoSink(track).onframe = () => {
      output.frames += 1;
    };
  } else {
    const ondata = ({ samples }: { samples: Int16Array }): void => {
      for (const sample of samples) output.energy += (sample / 32_768) ** 2;
    };
    Object.assign(new RTCAudioSink(track), { ondata });
  }
  return output;
};

/** Frames shown so far of the other's source. */
export const framesOf = (call: Call, source: MediaSource = 'camera'): number => {
  const track = other(call)?.tracks[source];
  return track === undefined ? 0 : outputOf(track).frames;
};

/** The longest time between two frames of what is shown of the other's camera, whichever track that is. */
export const watchFrames = (call: Call) => {
  const sinks = new Map<MediaStreamTrack, { stop(): void }>();
  let last = performance.now();
  let longest = 0;
  const follow = (): void => {
    const track = other(call)?.tracks.camera;
    if (track === undefined || sinks.has(track)) return;
    const sink = new RTCVideoSink(track);
    sinks.set(track, sink);
    sink.onframe = () => {
      if (other(call)?.tracks.camera !== track) return;
      const now = performance.now();
      longest = Math.max(longest, now - last);
      last = now;
    };
  };
  follow();
  const stop = call.view.subscribe(follow);
  return {
    tracks: () => sinks.size,
    longest: () => Math.max(longest, performance.now() - last),
    stop() {
      stop();
      for (const sink of sinks.values()) sink.stop();
    },
  };
};

/** Notes when the other is not seen as before: gone, away, without a picture, or the call not live. Empty while nothing is amiss. */
export const watchPresence = (call: Call): { readonly amiss: readonly string[]; stop(): void } => {
  const amiss: string[] = [];
  const stop = call.view.subscribe(() => {
    const { status, participants } = call.view.get();
    const peer = other(call);
    if (status !== 'live') amiss.push(status);
    if (participants.length !== 2) amiss.push(`${participants.length} people`);
    if (peer?.connected !== true) amiss.push('away');
    if (peer?.tracks.camera === undefined) amiss.push('no picture');
    if (peer?.tracks.microphone === undefined) amiss.push('no sound');
    if (peer !== undefined && peer.muted.length > 0) amiss.push('muted');
  });
  return { amiss, stop };
};

/** Counts frames of a track, whether it is shown or not. */
export const framesOfTrack = (track: MediaStreamTrack) => (): number => outputOf(track).frames;

/** Waits for so many more frames of the other. */
export const decodes = async (call: Call, frames: number, source: MediaSource = 'camera'): Promise<void> => {
  await until(() => other(call)?.tracks[source] !== undefined, `a track of the other's ${source}`, 15_000);
  const before = framesOf(call, source);
  await until(
    () => framesOf(call, source) >= before + frames,
    () => `${frames} frames of the other's ${source}, there were ${framesOf(call, source) - before}`,
    20_000,
  );
};

/** Waits for sound of the other. */
export const hears = async (call: Call): Promise<void> => {
  const energy = (): number => {
    const track = other(call)?.tracks.microphone;
    return track === undefined ? 0 : outputOf(track).energy;
  };
  await until(() => energy() > 0, 'a track of sound', 15_000);
  const before = energy();
  await until(
    () => energy() > before + 1,
    () => `sound, there was ${energy() - before}`,
    20_000,
  );
};

/** Waits until a count has not changed for ten frames' time. */
export const standsStill = async (count: () => number, missing: string): Promise<void> => {
  let last = count();
  let since = performance.now();
  await until(() => {
    const now = count();
    if (now !== last) since = performance.now();
    last = now;
    return performance.now() - since > 500;
  }, missing);
};
