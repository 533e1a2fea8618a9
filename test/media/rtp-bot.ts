/**
 * Somebody in a room without an encoder or a decoder: a bot joins as a client does, with real ICE, DTLS and SRTP, sends made-up packets
 * at a low rate and counts what it receives. A room of thirty costs a fraction of a core, so that what is measured is the server.
 *
 * What it sends looks to a router like Opus with a loudness and VP8 with nothing but key frames; nobody could play it.
 */
import { randomBytes, randomInt, randomUUID } from 'node:crypto';
import { Audio, PeerConnection, type Track } from 'node-datachannel';
import { ROUTER_RTP_CAPABILITIES } from '../../media/codecs.ts';
import type {
  Consumer,
  DtlsParameters,
  Joined,
  MediaSource,
  RoomEvent,
  RoomPush,
  RtpCapabilities,
  RtpParameters,
  TransportOptions,
} from '../../protocol/index.ts';
import type { Link } from './links.ts';

export interface RtpBot {
  readonly participantId: string;
  /** How often it took its seat. */
  readonly joins: number;
  readonly events: readonly RoomEvent[];
  join(): Promise<void>;
  /** How loud its microphone is from now on: 0 is loudest, 127 silence, in dB below full scale. */
  setLevel(level: number): void;
  /** Packets received since the last `forget`, by who sent them and what. */
  received(source: MediaSource): ReadonlyMap<string, number>;
  forget(): void;
  close(): void;
}

const SILENCE = 127;
const AUDIO_PT = 111;
const VIDEO_PT = 96;
const LEVEL_EXTENSION = { uri: 'urn:ietf:params:rtp-hdrext:ssrc-audio-level', id: 1 };

/** Without congestion control: a bot sends no feedback, and would be taken for a bad line. */
const capabilities = (): RtpCapabilities => ({
  codecs: (ROUTER_RTP_CAPABILITIES.codecs ?? []).map((codec) => ({
    ...codec,
    rtcpFeedback: (codec.rtcpFeedback ?? []).filter(({ type }) => type === 'ccm'),
  })),
  headerExtensions: [],
});

const rtpParametersOf = (kind: 'audio' | 'video', ssrc: number): RtpParameters =>
  ({
    codecs: [
      kind === 'audio'
        ? { mimeType: 'audio/opus', payloadType: AUDIO_PT, clockRate: 48_000, channels: 2, parameters: {}, rtcpFeedback: [] }
        : { mimeType: 'video/VP8', payloadType: VIDEO_PT, clockRate: 90_000, parameters: {}, rtcpFeedback: [] },
    ],
    headerExtensions: kind === 'audio' ? [{ ...LEVEL_EXTENSION, encrypt: false, parameters: {} }] : [],
    encodings: [{ ssrc }],
    rtcp: { cname: 'bot', reducedSize: true },
  }) as RtpParameters;

const VP8_KEY_FRAME = Buffer.concat([
  // Payload descriptor: the start of a partition. Frame tag of a key frame, start code, 64 by 48.
  Buffer.from([0x10, 0x10, 0x02, 0x00, 0x9d, 0x01, 0x2a, 64, 0, 48, 0]),
  randomBytes(150),
]);
const OPUS = Buffer.concat([Buffer.from([0xfc]), randomBytes(60)]);

/** A stream of packets with rising sequence numbers and the timestamps of their sending. */
const createStream = (kind: 'audio' | 'video', ssrc: number) => {
  let sequence = randomInt(10_000);
  return (level: number): Buffer => {
    sequence = (sequence + 1) & 0xffff;
    const header = Buffer.alloc(kind === 'audio' ? 20 : 12);
    header[0] = kind === 'audio' ? 0x90 : 0x80;
    header[1] = kind === 'audio' ? AUDIO_PT : 0x80 | VIDEO_PT;
    header.writeUInt16BE(sequence, 2);
    header.writeUInt32BE(Math.round(performance.now() * (kind === 'audio' ? 48 : 90)) >>> 0, 4);
    header.writeUInt32BE(ssrc, 8);
    // One one-byte extension of one byte: who speaks, and how loud.
    if (kind === 'audio') header.set([0xbe, 0xde, 0, 1, LEVEL_EXTENSION.id << 4, 0x80 | level, 0, 0], 12);
    return Buffer.concat([header, kind === 'audio' ? OPUS : VP8_KEY_FRAME]);
  };
};

interface OpenTransport {
  readonly pc: PeerConnection;
  readonly track: Track;
  readonly dtlsParameters: DtlsParameters;
}

/** A transport over which packets of any stream go: with one line of media, all of them belong to it. */
const openTransport = (transport: TransportOptions, direction: 'SendOnly' | 'RecvOnly'): OpenTransport => {
  const pc = new PeerConnection('bot', { iceServers: [], bindAddress: '127.0.0.1', disableAutoNegotiation: true });
  const line = new Audio('0', direction);
  line.addOpusCodec(AUDIO_PT);
  if (direction === 'SendOnly') line.addSSRC(1, 'bot');
  const track = pc.addTrack(line);
  pc.setLocalDescription('offer');
  const fingerprint = /a=fingerprint:(\S+) (\S+)/.exec(pc.localDescription()?.sdp ?? '');
  const { iceParameters, iceCandidates, dtlsParameters } = transport;
  const [theirs] = dtlsParameters.fingerprints.filter(({ algorithm }) => algorithm === 'sha-256');
  const candidates = iceCandidates.filter(({ protocol }) => protocol === 'udp');
  const answer = [
    'v=0',
    'o=- 1 1 IN IP4 0.0.0.0',
    's=-',
    't=0 0',
    'a=ice-lite',
    'a=group:BUNDLE 0',
    `m=audio 9 UDP/TLS/RTP/SAVPF ${AUDIO_PT}`,
    'c=IN IP4 0.0.0.0',
    'a=mid:0',
    direction === 'SendOnly' ? 'a=recvonly' : 'a=sendonly',
    'a=rtcp-mux',
    `a=rtpmap:${AUDIO_PT} opus/48000/2`,
    `a=ice-ufrag:${iceParameters.usernameFragment}`,
    `a=ice-pwd:${iceParameters.password}`,
    `a=fingerprint:sha-256 ${theirs?.value}`,
    'a=setup:passive',
    ...candidates.map(
      ({ foundation, priority, address, port }) => `a=candidate:${foundation} 1 udp ${priority} ${address} ${port} typ host`,
    ),
    'a=end-of-candidates',
    '',
  ].join('\r\n');
  pc.setRemoteDescription(answer, 'answer');
  const mine = {
    role: 'client',
    fingerprints: [{ algorithm: fingerprint?.[1], value: fingerprint?.[2] }],
  } as DtlsParameters;
  return { pc, track, dtlsParameters: mine };
};

export const createRtpBot = (options: {
  link: Link;
  interviewId: string;
  participantId?: string;
  /** Packets a second: of a microphone that is heard, of one that is silent, as Opus saves them, and of the camera. */
  rates?: { speech: number; silence: number; video: number };
}): RtpBot => {
  const { link, interviewId, participantId = randomUUID(), rates = { speech: 40, silence: 2.5, video: 5 } } = options;
  const as = { interviewId, participantId };
  const events: RoomEvent[] = [];
  const counts = new Map<number, number>();
  const streams = new Map<number, Consumer>();
  let level = SILENCE;
  let joins = 0;
  let closeMedia = (): void => {};
  let closed = false;

  const take = async (consumers: readonly Consumer[]): Promise<void> => {
    for (const consumer of consumers) streams.set(Number(consumer.rtpParameters.encodings?.[0]?.ssrc), consumer);
    const consumerIds = consumers.map(({ consumerId }) => consumerId);
    if (consumerIds.length > 0) await link.request('consumer.resume', { ...as, consumerIds });
  };

  const join = async (): Promise<void> => {
    closeMedia();
    streams.clear();
    counts.clear();
    const joined: Joined = await link.request('room.join', { ...as, rtpCapabilities: capabilities() });
    joins += 1;
    const send = openTransport(joined.sendTransport, 'SendOnly');
    const receive = openTransport(joined.receiveTransport, 'RecvOnly');
    receive.track.onMessage((packet) => {
      // RTCP shares the line.
      if ((packet[1] as number) >= 192 && (packet[1] as number) <= 223) return;
      const ssrc = packet.readUInt32BE(8);
      counts.set(ssrc, (counts.get(ssrc) ?? 0) + 1);
    });
    const microphone = sendPackets(send, 'microphone', () => (level < SILENCE ? rates.speech : rates.silence));
    const camera = sendPackets(send, 'camera', () => rates.video);
    closeMedia = () => {
      microphone.stop();
      camera.stop();
      send.pc.close();
      receive.pc.close();
    };
    await link.request('transport.connect', { ...as, direction: 'receive', dtlsParameters: receive.dtlsParameters });
    await Promise.all([microphone.opened, camera.opened, take(joined.state.consumers)]);
  };

  const sendPackets = ({ track, dtlsParameters }: OpenTransport, source: 'microphone' | 'camera', rate: () => number) => {
    const kind = source === 'microphone' ? 'audio' : 'video';
    const ssrc = randomInt(1, 2 ** 31);
    const next = createStream(kind, ssrc);
    const rtpParameters = rtpParametersOf(kind, ssrc);
    const opened = link.request('producer.open', {
      ...as,
      producerId: randomUUID(),
      kind,
      source,
      rtpParameters,
      dtlsParameters,
    });
    let timer: NodeJS.Timeout;
    const send = (): void => {
      if (track.isOpen()) track.sendMessageBinary(next(level));
      timer = setTimeout(send, 1_000 / rate());
    };
    send();
    return { opened, stop: () => clearTimeout(timer) };
  };

  /** What a client does by itself. What a lost worker swallowed is made good by joining again. */
  const react = (push: RoomPush): void => {
    if (push.participantId !== participantId || closed) return;
    const { event } = push;
    events.push(event);
    if (event.type === 'consumers.opened') take(event.consumers).catch(() => {});
    else if (event.type === 'room.reopened' || event.type === 'media.lost') join().catch(() => {});
  };
  const stopHearing = link.onRoom(react);

  return {
    participantId,
    get joins() {
      return joins;
    },
    events,
    join,
    setLevel(next) {
      level = next;
    },
    received(source) {
      const bySender = new Map<string, number>();
      for (const [ssrc, consumer] of streams) {
        const packets = counts.get(ssrc) ?? 0;
        if (consumer.source === source && packets > 0) bySender.set(consumer.participantId, packets);
      }
      return bySender;
    },
    forget: () => counts.clear(),
    close() {
      closed = true;
      stopHearing();
      closeMedia();
    },
  };
};
