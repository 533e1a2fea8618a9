/**
 * What a schema cannot say about a track's parameters: that their parts agree. Checked before the worker sees them, since
 * streams that contradict their announcement are looked at only when packets arrive, and then it is too late for an error.
 */
import { type MediaKind, type MediaSource, ProtocolError, type RtpParameters } from '../protocol/index.ts';

const KIND_OF_SOURCE: Readonly<Record<MediaSource, MediaKind>> = {
  microphone: 'audio',
  camera: 'video',
  screen: 'video',
  'screen-audio': 'audio',
};

const hasRepeats = (values: readonly unknown[]): boolean => new Set(values).size < values.length;
const isGiven = <Value>(value: Value | undefined): value is Value => value !== undefined;

/** The first thing that does not fit, in words, or undefined. */
const problemOf = (track: { kind: MediaKind; source: MediaSource; rtpParameters: RtpParameters }): string | undefined => {
  const { kind, source, rtpParameters } = track;
  const { codecs, encodings, headerExtensions = [] } = rtpParameters;
  if (KIND_OF_SOURCE[source] !== kind) return `a ${source} is not ${kind}`;
  if (codecs.some((codec) => !codec.mimeType.toLowerCase().startsWith(`${kind}/`))) return `a codec is not for ${kind}`;
  if (hasRepeats(codecs.map((codec) => codec.payloadType))) return 'a payload type is used twice';
  if (hasRepeats(headerExtensions.map((extension) => extension.id))) return 'a header extension id is used twice';
  if (hasRepeats(encodings.flatMap((encoding) => [encoding.ssrc, encoding.rtx?.ssrc]).filter(isGiven)))
    return 'an SSRC is used twice';
  if (hasRepeats(encodings.map((encoding) => encoding.rid).filter(isGiven))) return 'a RID is used twice';
  // One codec a track: the consumers are made for the first encoding's.
  if (new Set(encodings.map((encoding) => encoding.codecPayloadType)).size > 1) return 'its encodings are of several codecs';
  return undefined;
};

/** Throws `invalid` when the parts of a track's parameters contradict each other. */
export const checkTrack = (track: { kind: MediaKind; source: MediaSource; rtpParameters: RtpParameters }): void => {
  const problem = problemOf(track);
  if (problem !== undefined) throw new ProtocolError('invalid', `The track's parameters do not agree: ${problem}.`);
};
