// Puts a mediasoup worker, named by MEDIASOUP_WORKER_BIN, through a real call: a libwebrtc client sends audio and video,
// another receives both. That takes ICE, DTLS, SRTP in both directions and RTCP, and so finds what only starting the
// worker would not: one built with a wrong OpenSSL or libsrtp starts well and ends at the first handshake.
import wrtc from '@roamhq/wrtc';
import * as mediasoup from 'mediasoup';
import { Device } from 'mediasoup-client';

const GIVE_UP_MS = 20_000;
/** Pictures, and stretches of 10 ms of sound, that have to arrive. */
const ENOUGH = 10;
const LOUDNESS = 8_000;
const LOOPBACK = [{ protocol: 'udp', ip: '127.0.0.1' }];
const CODECS = [
  { kind: 'audio', mimeType: 'audio/opus', clockRate: 48_000, channels: 2 },
  { kind: 'video', mimeType: 'video/VP8', clockRate: 90_000 },
];

// mediasoup-client takes the browser's classes from the global object.
for (const name of ['RTCPeerConnection', 'RTCSessionDescription', 'MediaStream', 'MediaStreamTrack'])
  globalThis[name] = wrtc[name];

const giveUp = setTimeout(() => fail(`no media within ${GIVE_UP_MS / 1000} s`), GIVE_UP_MS);

function fail(reason) {
  process.stderr.write(`The trial call failed: ${reason}.\n`);
  process.exit(1);
}

/** One client's transport in one direction, wired to its twin in the worker. */
async function connect(router, device, direction) {
  const server = await router.createWebRtcTransport({ listenInfos: LOOPBACK });
  const { id, iceParameters, iceCandidates, dtlsParameters } = server;
  const create = direction === 'send' ? device.createSendTransport : device.createRecvTransport;
  const client = create.call(device, { id, iceParameters, iceCandidates, dtlsParameters });
  client.on('connect', (parameters, done, failed) => server.connect(parameters).then(done, failed));
  client.on('produce', (parameters, done, failed) => server.produce(parameters).then(done, failed));
  return { server, client };
}

/** A tone and a moving picture, until the process ends. */
function tracks() {
  const { RTCAudioSource, RTCVideoSource } = wrtc.nonstandard;
  const [audio, video] = [new RTCAudioSource(), new RTCVideoSource()];
  const samples = new Int16Array(480);
  const frame = { width: 320, height: 240, data: new Uint8ClampedArray(320 * 240 * 1.5) };
  let tick = 0;
  setInterval(() => {
    tick += 1;
    for (let at = 0; at < samples.length; at += 1) samples[at] = LOUDNESS * Math.sin((at / 48_000) * 440 * 2 * Math.PI);
    audio.onData({ samples, sampleRate: 48_000, bitsPerSample: 16, channelCount: 1, numberOfFrames: 480 });
    if (tick % 5 === 0) video.onFrame({ ...frame, data: frame.data.fill(tick % 256) });
  }, 10);
  return [audio.createTrack(), video.createTrack()];
}

async function loadedDevice(router) {
  const device = new Device({ handlerName: 'Chrome111' });
  await device.load({ routerRtpCapabilities: router.rtpCapabilities });
  return device;
}

/** Resolves when the track brings what was sent: decoded pictures, or sound as loud as ours. */
function heardOrSeen(track) {
  const { RTCAudioSink, RTCVideoSink } = wrtc.nonstandard;
  return new Promise((resolve) => {
    let left = ENOUGH;
    const count = (isOurs) => isOurs && --left === 0 && resolve();
    if (track.kind === 'video') new RTCVideoSink(track).onframe = ({ frame }) => count(frame.width > 0);
    else new RTCAudioSink(track).ondata = ({ samples }) => count(samples.some((sample) => Math.abs(sample) > LOUDNESS / 4));
  });
}

try {
  const worker = await mediasoup.createWorker({ logLevel: 'warn' });
  worker.on('died', (error) => fail(error.message));
  const router = await worker.createRouter({ mediaCodecs: CODECS });
  const [sender, receiver] = [await loadedDevice(router), await loadedDevice(router)];
  const up = await connect(router, sender, 'send');
  const down = await connect(router, receiver, 'recv');

  const consumers = [];
  for (const track of tracks()) {
    const producer = await up.client.produce({ track });
    const consumer = await down.server.consume({
      producerId: producer.id,
      rtpCapabilities: receiver.recvRtpCapabilities ?? receiver.rtpCapabilities,
    });
    const { id, producerId, kind, rtpParameters } = consumer;
    consumers.push(await down.client.consume({ id, producerId, kind, rtpParameters }));
  }
  await Promise.all(consumers.map((consumer) => heardOrSeen(consumer.track)));
  clearTimeout(giveUp);
  const { dtlsState } = down.server;
  process.stdout.write(`The trial call went well: DTLS ${dtlsState}.\n`);
  process.exit(0);
} catch (error) {
  fail(error.stack);
}
