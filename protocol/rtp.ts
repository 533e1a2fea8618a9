/**
 * The parameters a WebRTC client and the SFU exchange, in mediasoup's shapes. Bounds are generous for a browser and tight
 * for an attacker: whatever passes here is handed to a native worker, and an empty fingerprint list alone has crashed one.
 */
import { z } from 'zod';

const token = (max: number) =>
  z
    .string()
    .min(1)
    .max(max)
    .regex(/^[\x21-\x7e]+$/, 'must be printable ASCII');
const ssrc = z.int().min(1).max(0xffffffff);
const payloadType = z.int().min(0).max(127);
const fmtp = z
  .record(token(64), z.union([z.string().max(512), z.number(), z.boolean(), z.null()]))
  .refine((value) => Object.keys(value).length <= 32, 'must have at most 32 entries');

export const MediaKind = z.enum(['audio', 'video']);
/** What a producer carries; decides priority and layout. */
export const MediaSource = z.enum(['microphone', 'camera', 'screen', 'screen-audio']);
export const TransportDirection = z.enum(['send', 'receive']);

const mimeType = z.string().regex(/^(audio|video)\/[A-Za-z0-9-]{1,32}$/);
const clockRate = z.int().min(1).max(192_000);
const channels = z.int().min(1).max(8).optional();
const rtcpFeedback = z
  .array(z.object({ type: token(32), parameter: z.string().max(32).optional() }))
  .max(16)
  .optional();

export const RtpCapabilities = z.object({
  codecs: z
    .array(
      z.object({
        kind: MediaKind,
        mimeType,
        preferredPayloadType: payloadType,
        clockRate,
        channels,
        parameters: fmtp.optional(),
        rtcpFeedback,
      }),
    )
    .max(64),
  headerExtensions: z
    .array(
      z.object({
        kind: MediaKind,
        uri: token(128),
        preferredId: z.int().min(1).max(255),
        preferredEncrypt: z.boolean().optional(),
        direction: z.enum(['sendrecv', 'sendonly', 'recvonly', 'inactive']).optional(),
      }),
    )
    .max(64)
    .optional(),
});

export const RtpParameters = z.object({
  mid: token(32).optional(),
  codecs: z
    .array(z.object({ mimeType, payloadType, clockRate, channels, parameters: fmtp.optional(), rtcpFeedback }))
    .min(1)
    .max(16),
  headerExtensions: z
    .array(
      z.object({ uri: token(128), id: z.int().min(1).max(255), encrypt: z.boolean().optional(), parameters: fmtp.optional() }),
    )
    .max(32)
    .optional(),
  encodings: z
    .array(
      z.object({
        ssrc: ssrc.optional(),
        rid: token(16).optional(),
        codecPayloadType: payloadType.optional(),
        rtx: z.object({ ssrc }).optional(),
        dtx: z.boolean().optional(),
        scalabilityMode: z
          .string()
          .regex(/^[LS][1-3]T[1-3](_KEY|_KEY_SHIFT)?h?$/)
          .optional(),
        scaleResolutionDownBy: z.number().min(1).max(64).optional(),
        maxBitrate: z.int().min(0).max(100_000_000).optional(),
        active: z.boolean().optional(),
      }),
    )
    .min(1)
    .max(6),
  rtcp: z.object({ cname: z.string().max(256).optional(), reducedSize: z.boolean().optional() }).optional(),
  msid: z.string().max(256).optional(),
});

export const DtlsParameters = z.object({
  role: z.enum(['auto', 'client', 'server']).optional(),
  fingerprints: z
    .array(
      z.object({
        algorithm: z.enum(['sha-1', 'sha-224', 'sha-256', 'sha-384', 'sha-512']),
        value: z.string().regex(/^[0-9A-Fa-f]{2}(:[0-9A-Fa-f]{2}){19,63}$/, 'must be a certificate fingerprint'),
      }),
    )
    .min(1)
    .max(8),
});

/** From the server, so only as strict as the client needs. */
export const IceParameters = z.object({ usernameFragment: z.string(), password: z.string(), iceLite: z.boolean().optional() });
export const IceCandidate = z.object({
  foundation: z.string(),
  priority: z.number(),
  ip: z.string(),
  address: z.string(),
  protocol: z.enum(['udp', 'tcp']),
  port: z.int(),
  type: z.literal('host'),
  tcpType: z.literal('passive').optional(),
});
export const IceServer = z.object({
  urls: z.array(z.string()),
  username: z.string().optional(),
  credential: z.string().optional(),
});

/** What a client needs to create its side of a transport. */
export const TransportOptions = z.object({
  transportId: z.string(),
  iceParameters: IceParameters,
  iceCandidates: z.array(IceCandidate),
  dtlsParameters: DtlsParameters,
});

export type MediaKind = z.infer<typeof MediaKind>;
export type MediaSource = z.infer<typeof MediaSource>;
export type TransportDirection = z.infer<typeof TransportDirection>;
export type RtpCapabilities = z.infer<typeof RtpCapabilities>;
export type RtpParameters = z.infer<typeof RtpParameters>;
export type DtlsParameters = z.infer<typeof DtlsParameters>;
export type IceParameters = z.infer<typeof IceParameters>;
export type IceServer = z.infer<typeof IceServer>;
export type TransportOptions = z.infer<typeof TransportOptions>;
