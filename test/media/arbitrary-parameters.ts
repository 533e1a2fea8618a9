/**
 * Parameters that pass the protocol's schemas and are otherwise anything: what an attacker can put before a worker. Most parts are
 * plausible, so that they get past the first check and meet the next.
 */
import fc from 'fast-check';
import { type DtlsParameters, RtpCapabilities, RtpParameters } from '../../protocol/index.ts';

const maybe = <Value>(arbitrary: fc.Arbitrary<Value>) => fc.option(arbitrary, { nil: undefined, freq: 3 });
const without = (value: unknown): unknown => JSON.parse(JSON.stringify(value));

const kind = fc.constantFrom('audio' as const, 'video' as const);
const mimeType = fc
  .oneof(
    { weight: 6, arbitrary: fc.constantFrom('audio/opus', 'video/VP8', 'video/VP9', 'video/H264', 'video/rtx', 'VIDEO/vp8') },
    {
      weight: 1,
      arbitrary: fc.constantFrom(
        'audio/PCMU',
        'audio/red',
        'video/AV1',
        'video/ulpfec',
        'video/flexfec-03',
        'audio/rtx',
        'audio/multiopus',
        'audio/x',
      ),
    },
  )
  .filter((value) => /^(audio|video)\//.test(value));
const payloadType = fc.oneof(fc.constantFrom(96, 97, 98, 100, 101, 111), fc.integer({ min: 0, max: 127 }));
const clockRate = fc.oneof(fc.constantFrom(48_000, 90_000), fc.integer({ min: 1, max: 192_000 }));
const fmtp = fc.dictionary(
  fc.constantFrom(
    'apt',
    'profile-id',
    'profile-level-id',
    'packetization-mode',
    'level-asymmetry-allowed',
    'useinbandfec',
    'usedtx',
    'x',
    '__proto__',
  ),
  fc.oneof(
    fc.constantFrom<string | number | boolean | null>(
      96,
      97,
      0,
      1,
      2,
      -1,
      1e300,
      2 ** 31,
      0.5,
      '42e01f',
      '4d0032',
      'ffffff',
      '',
      true,
      null,
    ),
    fc.string({ maxLength: 40 }),
  ),
  { maxKeys: 4 },
);
const rtcpFeedback = fc.array(
  fc.record({
    type: fc.constantFrom('nack', 'ccm', 'goog-remb', 'transport-cc', 'x'),
    parameter: maybe(fc.constantFrom('', 'pli', 'fir', 'x')),
  }),
  { maxLength: 5 },
);
const uri = fc.oneof(
  {
    weight: 8,
    arbitrary: fc.constantFrom(
      'urn:ietf:params:rtp-hdrext:sdes:mid',
      'urn:ietf:params:rtp-hdrext:sdes:rtp-stream-id',
      'urn:ietf:params:rtp-hdrext:sdes:repaired-rtp-stream-id',
      'urn:ietf:params:rtp-hdrext:ssrc-audio-level',
      'urn:3gpp:video-orientation',
      'http://www.webrtc.org/experiments/rtp-hdrext/abs-send-time',
      'http://www.ietf.org/id/draft-holmer-rmcat-transport-wide-cc-extensions-01',
      'http://www.webrtc.org/experiments/rtp-hdrext/abs-capture-time',
      'http://www.webrtc.org/experiments/rtp-hdrext/playout-delay',
      'https://aomediacodec.github.io/av1-rtp-spec/#dependency-descriptor-rtp-header-extension',
      'urn:mediasoup:params:rtp-hdrext:packet-id',
    ),
  },
  { weight: 1, arbitrary: fc.constantFrom('x', 'urn:x:y') },
);
const ssrc = fc.oneof(fc.integer({ min: 1, max: 6 }), fc.integer({ min: 1, max: 0xffff_ffff }));
const scalabilityMode = fc.constantFrom('L1T1', 'L1T3', 'L3T3', 'L3T3_KEY', 'S3T3', 'L2T2h', 'L3T3_KEY_SHIFT');

const anyParts: fc.Arbitrary<Partial<RtpParameters>> = fc.record({
  mid: fc.option(fc.constantFrom('0', '1', 'abcdefghijklmnopqrstuvwxyz012345'), { nil: undefined }),
  codecs: fc.array(
    fc.record({
      mimeType,
      payloadType,
      clockRate,
      channels: maybe(fc.integer({ min: 1, max: 8 })),
      parameters: maybe(fmtp),
      rtcpFeedback: maybe(rtcpFeedback),
    }),
    { minLength: 1, maxLength: 3 },
  ),
  headerExtensions: fc.array(
    fc.record({
      uri,
      id: fc.oneof(fc.integer({ min: 1, max: 15 }), fc.integer({ min: 1, max: 255 })),
      encrypt: maybe(fc.boolean()),
      parameters: maybe(fmtp),
    }),
    { maxLength: 6 },
  ),
  encodings: fc.array(
    fc.record({
      ssrc: maybe(ssrc),
      rid: maybe(fc.constantFrom('r0', 'r1', 'r2', 'hi', '0123456789abcdef')),
      codecPayloadType: fc.option(payloadType, { nil: undefined, freq: 1 }),
      rtx: maybe(fc.record({ ssrc })),
      dtx: maybe(fc.boolean()),
      scalabilityMode: maybe(scalabilityMode),
      scaleResolutionDownBy: maybe(fc.double({ min: 1, max: 64, noNaN: true })),
      maxBitrate: maybe(fc.integer({ min: 0, max: 100_000_000 })),
      active: maybe(fc.boolean()),
    }),
    { minLength: 1, maxLength: 6 },
  ),
  rtcp: fc.record({ cname: maybe(fc.string({ maxLength: 256 })), reducedSize: maybe(fc.boolean()) }),
  msid: fc.string({ maxLength: 256 }),
});

const PARTS = ['mid', 'codecs', 'headerExtensions', 'encodings', 'rtcp', 'msid'] as const;

/** Real parameters with some of their parts, or the fine print of their codecs, replaced by anything. */
export const anyRtpParametersLike = (real: RtpParameters): fc.Arbitrary<RtpParameters> =>
  fc
    .tuple(anyParts, fc.subarray([...PARTS], { maxLength: 3 }), fmtp, rtcpFeedback, fc.boolean())
    .map(([parts, replaced, print, feedback, isPrinted]) => {
      const codecs = real.codecs.map((codec) => ({
        ...codec,
        parameters: { ...print, ...codec.parameters },
        rtcpFeedback: feedback,
      }));
      const base = isPrinted ? { ...real, codecs } : real;
      return RtpParameters.parse(without({ ...base, ...Object.fromEntries(replaced.map((part) => [part, parts[part]])) }));
    });

export const anyRtpCapabilities: fc.Arbitrary<RtpCapabilities> = fc
  .record({
    codecs: fc.array(
      fc.record({
        kind,
        mimeType,
        preferredPayloadType: payloadType,
        clockRate,
        channels: maybe(fc.integer({ min: 1, max: 8 })),
        parameters: maybe(fmtp),
        rtcpFeedback: maybe(rtcpFeedback),
      }),
      { maxLength: 6 },
    ),
    headerExtensions: maybe(
      fc.array(fc.record({ kind, uri, preferredId: fc.integer({ min: 1, max: 255 }), preferredEncrypt: maybe(fc.boolean()) }), {
        maxLength: 8,
      }),
    ),
  })
  .map((value) => RtpCapabilities.parse(without(value)));

export const anyDtlsParameters: fc.Arbitrary<DtlsParameters> = fc.record(
  {
    role: fc.constantFrom('auto' as const, 'client' as const, 'server' as const),
    fingerprints: fc.array(
      fc.record({
        algorithm: fc.constantFrom(
          'sha-1' as const,
          'sha-224' as const,
          'sha-256' as const,
          'sha-384' as const,
          'sha-512' as const,
        ),
        value: fc
          .array(fc.integer({ min: 0, max: 255 }), { minLength: 20, maxLength: 64 })
          .map((bytes) => bytes.map((byte) => byte.toString(16).padStart(2, '0')).join(':')),
      }),
      { minLength: 1, maxLength: 8 },
    ),
  },
  { requiredKeys: ['fingerprints'] },
);
