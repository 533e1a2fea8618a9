/** What the routers route: one list for every room, so that `capabilities` is the same on every node of a release. */
import { ortc, type types } from 'mediasoup';
import type { RtpCapabilities } from '../protocol/index.ts';

/** In order of preference: a client sends the first that it can. */
export const MEDIA_CODECS: types.RouterRtpCodecCapability[] = [
  {
    kind: 'audio',
    mimeType: 'audio/opus',
    clockRate: 48_000,
    channels: 2,
    // A lost packet is repaired from the next one, or asked for again (the worker's own list brings nack); it knows no RED.
    parameters: { useinbandfec: 1 },
  },
  { kind: 'video', mimeType: 'video/VP8', clockRate: 90_000 },
  // Constrained baseline: what every browser's hardware encodes, and all that some of them have.
  {
    kind: 'video',
    mimeType: 'video/H264',
    clockRate: 90_000,
    parameters: { 'packetization-mode': 1, 'profile-level-id': '42e01f', 'level-asymmetry-allowed': 1 },
  },
  { kind: 'video', mimeType: 'video/VP9', clockRate: 90_000, parameters: { 'profile-id': 0 } },
];

/** What a client needs to load its device; no worker is asked. */
export const ROUTER_RTP_CAPABILITIES = ortc.generateRouterRtpCapabilities(MEDIA_CODECS) as RtpCapabilities;
