import { randomUUID } from 'node:crypto';
import fc from 'fast-check';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { ROUTER_RTP_CAPABILITIES } from '../../media/codecs.ts';
import { type PayloadInput, ProtocolError, REQUESTS, type RtpParameters } from '../../protocol/index.ts';
import type { MediaCommand } from '../../signaling/media-node.ts';
import { anyDtlsParameters, anyRtpCapabilities, anyRtpParametersLike } from './arbitrary-parameters.ts';
import { codeOf, startNode, type TestNode } from './node.ts';
import type { RtcClient } from './rtc-client.ts';
import { testSeed } from './seed.ts';

type Track = PayloadInput<'producer.open'>;
type OpenProducer = MediaCommand<'openProducer'>;

const seed = testSeed();

describe('what a client may say about its media', () => {
  let test: TestNode;
  let pids: number[];
  /** Real ones, as a client's own encoder makes them. */
  let microphone: Track;
  let camera: Track;
  let layers: Track;

  const workerPids = async () => (await test.node.request('stats', {})).workers.map(({ pid }) => pid);
  const trackOf = async (send: (client: RtcClient) => Promise<unknown>): Promise<Track> => {
    const client = test.client('ada', randomUUID());
    const tracks: Track[] = [];
    client.onRequest = (type, payload) => {
      if (type === 'producer.open') tracks.push(payload as Track);
    };
    await client.join();
    await send(client);
    return JSON.parse(JSON.stringify(tracks[0]));
  };

  beforeAll(async () => {
    test = await startNode({ workers: 1 });
    pids = await workerPids();
    microphone = await trackOf((client) => client.sendMicrophone());
    camera = await trackOf((client) => client.sendCamera());
    layers = await trackOf((client) => client.sendCamera({ simulcast: true, width: 640, height: 480 }));
  });
  afterEach(async () => {
    test.closeClients();
    expect(await workerPids(), 'The worker must have survived').toEqual(pids);
  });
  afterAll(() => test.close());

  const enter = async () => {
    const at = { roomId: randomUUID(), participantId: randomUUID() };
    await test.join(at.roomId, at.participantId);
    const open = ({ dtlsParameters: _, ...track }: Track, change: Partial<Track> = {}) =>
      codeOf(
        test.node.request('openProducer', {
          ...track,
          producerId: randomUUID(),
          paused: false,
          ...change,
          ...at,
        } as OpenProducer),
      );
    return { at, open };
  };

  it('[ME22] what libwebrtc says of a microphone, a camera and a camera in layers passes the schema unchanged', () => {
    for (const track of [microphone, camera, layers]) {
      const parsed = REQUESTS['producer.open'].payload.parse(track);
      expect(parsed.rtpParameters).toEqual(track.rtpParameters);
      expect(parsed.dtlsParameters).toEqual(track.dtlsParameters);
    }
    expect(layers.rtpParameters.encodings).toHaveLength(2);
  });

  it('[ME22] an empty certificate list, and what is no certificate, never reach the node', () => {
    const refused = (dtlsParameters: unknown) =>
      !REQUESTS['transport.connect'].payload.safeParse({
        interviewId: randomUUID(),
        participantId: randomUUID(),
        direction: 'send',
        dtlsParameters,
      }).success;
    expect(refused({ fingerprints: [] })).toBe(true);
    expect(refused({ role: 'client' })).toBe(true);
    expect(refused({ fingerprints: [{ algorithm: 'sha-256', value: 'AB' }] })).toBe(true);
    expect(refused({ fingerprints: [{ algorithm: 'md5', value: Array(16).fill('AB').join(':') }] })).toBe(true);
    expect(refused({ ...microphone.dtlsParameters })).toBe(false);
  });

  it('[ME22] parameters whose parts do not agree are invalid', async () => {
    const { open } = await enter();
    const change = (track: Track, part: Partial<RtpParameters>) =>
      open(track, { rtpParameters: { ...track.rtpParameters, ...part } });
    const [encoding] = camera.rtpParameters.encodings;
    const { codecs } = camera.rtpParameters;
    const outcomes = {
      'a camera of sound': await open(microphone, { source: 'camera' }),
      'a microphone of video codecs': await open(camera, { kind: 'audio', source: 'microphone' }),
      'a payload type twice': await change(camera, { codecs: [codecs[0]!, { ...codecs[0]! }] }),
      'an unknown codec': await change(camera, { codecs: [{ ...codecs[0]!, mimeType: 'video/nonsense' }] }),
      'retransmission of nothing': await change(camera, {
        codecs: [codecs[0]!, { mimeType: 'video/rtx', payloadType: 99, clockRate: 90_000, parameters: { apt: 5 } }],
      }),
      'an SSRC twice': await change(camera, { encodings: [{ ...encoding, ssrc: 7, rtx: { ssrc: 7 } }] }),
      'the same layer twice': await change(layers, {
        encodings: [layers.rtpParameters.encodings[0]!, layers.rtpParameters.encodings[0]!],
      }),
      'layers without names': await change(layers, { encodings: [{}, {}] }),
      'nothing to know it by': await change(
        { ...microphone, rtpParameters: { ...microphone.rtpParameters, mid: undefined } },
        { encodings: [{}] },
      ),
      'a codec it has not': await change(camera, { encodings: [{ ...encoding, codecPayloadType: 126 }] }),
      'an extension id twice': await change(camera, {
        headerExtensions: [
          { uri: 'urn:ietf:params:rtp-hdrext:sdes:mid', id: 1 },
          { uri: 'urn:3gpp:video-orientation', id: 1 },
        ],
      }),
    };
    expect(outcomes).toEqual(Object.fromEntries(Object.keys(outcomes).map((what) => [what, 'invalid'])));
    expect(await open(camera)).toBeUndefined();
    expect(await change(microphone, { mid: camera.rtpParameters.mid })).toBe('invalid');
    expect(await change(microphone, { mid: 'other' })).toBeUndefined();
  });

  it('[ME22] one track a source, and no id that somebody else in the room uses', async () => {
    const { at, open } = await enter();
    const { producerId, dtlsParameters: _, ...track } = camera;
    const mine = { ...track, producerId, paused: false, ...at } as OpenProducer;
    expect(await codeOf(test.node.request('openProducer', mine))).toBeUndefined();
    expect(await open(camera)).toBe('conflict');
    const other = randomUUID();
    await test.join(at.roomId, other);
    expect(await codeOf(test.node.request('openProducer', { ...mine, participantId: other }))).toBe('conflict');
    expect(
      await codeOf(test.node.request('openProducer', { ...mine, participantId: other, producerId: randomUUID() })),
    ).toBeUndefined();
  });

  it('[ME23] whatever passes the schema is taken or refused with a typed error, and the worker lives', async () => {
    const { at } = await enter();
    const counts: Record<string, number> = {};
    const outcome = async (work: Promise<unknown>): Promise<void> => {
      const code = await work.then(
        () => 'taken',
        (error) => (error instanceof ProtocolError ? error.code : `a bug: ${error}`),
      );
      counts[code] = (counts[code] ?? 0) + 1;
      expect(['taken', 'invalid', 'conflict']).toContain(code);
    };
    const tracks = fc
      .constantFrom(microphone, camera, layers)
      .chain((track) => fc.record({ track: fc.constant(track), rtpParameters: anyRtpParametersLike(track.rtpParameters) }));
    await fc.assert(
      fc.asyncProperty(tracks, anyRtpCapabilities, async ({ track: { kind, source }, rtpParameters }, rtpCapabilities) => {
        const producerId = randomUUID();
        await outcome(test.node.request('openProducer', { ...at, producerId, kind, source, rtpParameters, paused: false }));
        const guests = [rtpCapabilities, ROUTER_RTP_CAPABILITIES].map((capabilities) => ({
          participantId: randomUUID(),
          capabilities,
        }));
        for (const { participantId, capabilities } of guests) {
          await outcome(
            test.node.request('join', {
              roomId: at.roomId,
              participantId,
              userId: 'bob',
              joinedAt: 0,
              rtpCapabilities: capabilities,
            }),
          );
        }
        for (const { participantId } of guests) await outcome(test.leave(at.roomId, participantId));
        await test.node.request('closeProducer', { ...at, producerId });
      }),
      { seed, numRuns: 400 },
    );
    await fc.assert(
      fc.asyncProperty(anyDtlsParameters, async (dtlsParameters) => {
        const participantId = randomUUID();
        await test.join(at.roomId, participantId);
        for (const direction of ['send', 'receive'] as const) {
          await outcome(test.node.request('connectTransport', { roomId: at.roomId, participantId, direction, dtlsParameters }));
        }
        await test.leave(at.roomId, participantId);
      }),
      { seed, numRuns: 100 },
    );
    console.info('Outcomes:', counts);
    // Both ways were tried: what was taken came to consumers, too.
    expect(counts.taken).toBeGreaterThan(4 * 400 + 2 * 100 + 40);
    expect(counts.invalid).toBeGreaterThan(40);
  });

  it('[ME23] a client that lies about what it sends does no harm to a worker', async () => {
    const lies: ((parameters: RtpParameters) => unknown)[] = [
      (parameters) => ({
        ...parameters,
        headerExtensions: parameters.headerExtensions?.map((extension, at, all) => ({
          ...extension,
          id: all[(at + 1) % all.length]!.id,
        })),
      }),
      (parameters) => ({
        ...parameters,
        headerExtensions: parameters.headerExtensions?.map((extension, at) => ({ ...extension, id: 15 - at })),
      }),
      (parameters) => ({ ...parameters, headerExtensions: [] }),
      (parameters) => ({
        ...parameters,
        codecs: parameters.codecs.map((codec) => ({
          ...codec,
          payloadType: (codec.payloadType + 1) % 128,
          parameters: codec.parameters?.apt === undefined ? codec.parameters : { apt: (Number(codec.parameters.apt) + 1) % 128 },
        })),
      }),
      (parameters) => ({
        ...parameters,
        codecs: parameters.codecs.map((codec) =>
          codec.mimeType.endsWith('VP8') ? { ...codec, mimeType: 'video/VP9', parameters: { 'profile-id': 0 } } : codec,
        ),
      }),
      (parameters) => ({
        ...parameters,
        codecs: parameters.codecs.map((codec) =>
          codec.mimeType.endsWith('VP8')
            ? { ...codec, mimeType: 'video/H264', parameters: { 'packetization-mode': 1, 'profile-level-id': '42e01f' } }
            : codec,
        ),
      }),
      (parameters) => ({
        ...parameters,
        encodings: parameters.encodings.map((encoding) => ({ ...encoding, scalabilityMode: 'L1T1' })),
      }),
      (parameters) => ({
        ...parameters,
        encodings: parameters.encodings
          .map((encoding) => ({ ...encoding, ssrc: 77, rid: undefined, scalabilityMode: 'L3T3' }))
          .slice(0, 1),
      }),
      (parameters) => ({ ...parameters, encodings: [...parameters.encodings, { ssrc: 99, rid: 'ghost' }] }),
      (parameters) => ({
        ...parameters,
        encodings: parameters.encodings.map((encoding) => ({ ...encoding, rtx: { ssrc: (encoding.ssrc ?? 1) + 1 } })),
      }),
    ];
    for (const [at, lie] of lies.entries()) {
      for (const simulcast of [false, true]) {
        const roomId = randomUUID();
        const [liar, witness] = [test.client('ada', roomId), test.client('bob', roomId)];
        await Promise.all([liar.join(), witness.join()]);
        await Promise.all([witness.sendMicrophone(), liar.sendMicrophone()]);
        liar.onRequest = (type, payload) => {
          if (type === 'producer.open')
            Object.assign(payload as Track, { rtpParameters: JSON.parse(JSON.stringify(lie((payload as Track).rtpParameters))) });
        };
        await liar
          .sendCamera({ simulcast, width: 640, height: 480 })
          .catch((error) => expect(error, `lie ${at}`).toMatchObject({ code: 'invalid' }));
        await Promise.all([witness.hears(liar.participantId), liar.hears(witness.participantId)]);
        test.closeClients();
        await test.node.request('closeRoom', { roomId });
        expect(await workerPids(), `The worker must survive lie ${at}`).toEqual(pids);
      }
    }
  });
});
