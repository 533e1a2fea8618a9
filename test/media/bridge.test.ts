import { randomUUID } from 'node:crypto';
import { createWorker, type types } from 'mediasoup';
import { type types as client, Device } from 'mediasoup-client';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type BridgeEnd, type BridgeNotice, openBridgeEnd } from '../../media/bridge.ts';
import { MEDIA_CODECS, ROUTER_RTP_CAPABILITIES } from '../../media/codecs.ts';
import type { RoomProducer } from '../../media/tracks.ts';
import { until } from '../support/until.ts';
import { type FakeTrack, fakeCamera } from './fake-tracks.ts';
import { RTCVideoSink } from './wrtc.ts';
import './rtc-client.ts';

const LISTEN: types.TransportListenInfo = { protocol: 'udp', ip: '127.0.0.1' };

/** What one host tells another is text. */
const overTheWire = <Value>(value: Value): Value => JSON.parse(JSON.stringify(value)) as Value;

describe('a bridge between routers of two worker processes', () => {
  let workers: types.Worker[];
  let routers: [types.Router, types.Router];
  let here: BridgeEnd;
  let there: BridgeEnd;
  let camera: FakeTrack;
  const notices: BridgeNotice[] = [];

  beforeEach(async () => {
    notices.length = 0;
    workers = await Promise.all([createWorker(), createWorker()]);
    routers = (await Promise.all(workers.map((worker) => worker.createRouter({ mediaCodecs: MEDIA_CODECS })))) as typeof routers;
    here = await openBridgeEnd({
      router: routers[0],
      listenInfo: LISTEN,
      onNotice(notice) {
        notices.push(notice);
        void there.notice(overTheWire(notice));
      },
    });
    there = await openBridgeEnd({ router: routers[1], listenInfo: LISTEN, onNotice: () => {} });
    await Promise.all([here.connect(overTheWire(there.address)), there.connect(overTheWire(here.address))]);
    camera = fakeCamera();
  });
  afterEach(() => {
    camera.stop();
    for (const worker of workers) worker.close();
  });

  /** A client's transport on a router, connected when it is used. */
  const clientOn = async (router: types.Router, direction: 'send' | 'receive') => {
    const device = new Device({ handlerName: 'Chrome111' });
    await device.load({ routerRtpCapabilities: ROUTER_RTP_CAPABILITIES as client.RtpCapabilities });
    const server = await router.createWebRtcTransport({ listenInfos: [LISTEN] });
    const options = {
      id: server.id,
      iceParameters: server.iceParameters,
      iceCandidates: server.iceCandidates,
      dtlsParameters: server.dtlsParameters,
    };
    const transport = direction === 'send' ? device.createSendTransport(options) : device.createRecvTransport(options);
    transport.on('connect', ({ dtlsParameters }, done, failed) => void server.connect({ dtlsParameters }).then(done, failed));
    return { device, server, transport };
  };

  const sendHere = async (): Promise<types.Producer> => {
    const { server, transport } = await clientOn(routers[0], 'send');
    let produced: types.Producer | undefined;
    transport.on('produce', ({ kind, rtpParameters }, done, failed) => {
      server.produce({ kind, rtpParameters }).then((producer) => {
        produced = producer;
        done({ id: producer.id });
      }, failed);
    });
    await transport.produce({ track: camera.track, stopTracks: false });
    return produced!;
  };

  /** Counts the frames that a client on the other side decodes. */
  const receiveThere = async (producer: RoomProducer): Promise<() => number> => {
    const { device, server, transport } = await clientOn(routers[1], 'receive');
    const { recvRtpCapabilities: rtpCapabilities } = device;
    const sent = await server.consume({ producerId: producer.id, rtpCapabilities, paused: true });
    const { id, kind } = sent;
    const rtpParameters = sent.rtpParameters as client.RtpParameters;
    const consumer = await transport.consume({ id, producerId: randomUUID(), kind, rtpParameters });
    let frames = 0;
    new RTCVideoSink(consumer.track).onframe = () => {
      frames += 1;
    };
    await sent.resume();
    return () => frames;
  };

  const comes = (frames: () => number, count: number) => {
    const before = frames();
    return until(`${count} frames`, () => frames() >= before + count, 20_000);
  };

  it('[ME40] carries a camera that is decoded on the other side, key frames asked for across it', async () => {
    const producer = await sendHere();
    const bridged = await there.receive(overTheWire(await here.forward(producer)));
    // The sender has long sent its first key frame when the second one comes: it is asked for another.
    await comes(await receiveThere(bridged), 10);
    await comes(await receiveThere(bridged), 10);
  }, 60_000);

  it('[ME41] forwards a track once, however many ask at the same time', async () => {
    const producer = await sendHere();
    const [first, second] = await Promise.all([here.forward(producer), here.forward(producer)]);
    expect(second).toEqual(first);
    const [one, two] = await Promise.all([there.receive(overTheWire(first)), there.receive(overTheWire(second))]);
    expect(two).toBe(one);
  });

  it('[ME42] mirrors pausing, resuming and closing, and a track that is no longer wanted stops being forwarded', async () => {
    const producer = await sendHere();
    const track = await here.forward(producer);
    const bridged = await there.receive(overTheWire(track));
    const frames = await receiveThere(bridged);
    await comes(frames, 5);
    await producer.pause();
    await until('the pause', () => bridged.paused);
    await producer.resume();
    await until('the resuming', () => !bridged.paused);
    await comes(frames, 5);
    here.stop(track.bridgedId);
    await until('the end', () => bridged.closed);
    expect(producer.closed).toBe(false);
    const again = await here.forward(producer);
    expect(again.bridgedId).not.toBe(track.bridgedId);
    const back = await there.receive(overTheWire(again));
    producer.close();
    await until('the close', () => back.closed);
    await there.notice({ type: 'closed', bridgedId: randomUUID() });
  }, 60_000);
});
