/**
 * Which of several tracks of one source is shown. While somebody moves there are two: what was before is shown until what is new has
 * brought its first frame, so that no picture stands still.
 */
import type { types } from 'mediasoup-client';
import type { Clock } from '../clock.ts';

export interface Candidate {
  readonly consumer: types.Consumer;
  /** What it comes over. */
  readonly transport: types.Transport;
  /** Nothing is to come: it is muted, or not on screen. */
  readonly silent: boolean;
}

export interface Handover {
  /** Of the candidates of one source, oldest first, the one to show. */
  choose(candidates: readonly Candidate[]): MediaStreamTrack | undefined;
  hasFlowed(candidate: Candidate): boolean;
  close(): void;
}

const LOOK_EVERY_MS = 40;

/** `onFlow` is called when one of several candidates has brought its first frame. */
export const createHandover = (options: { clock: Clock; onFlow: () => void }): Handover => {
  const { clock, onFlow } = options;
  const flowed = new WeakSet<types.Consumer>();
  const watched = new Map<types.Consumer, types.Transport>();
  let cancelLook: (() => void) | undefined;

  const look = async (): Promise<void> => {
    const streams = new Set((await Promise.all([...new Set(watched.values())].map(flowingStreams))).flat());
    cancelLook = undefined;
    const flowing = [...watched.keys()].filter(({ rtpParameters }) => streams.has(rtpParameters.encodings?.[0]?.ssrc));
    for (const consumer of flowing) flowed.add(consumer);
    for (const consumer of watched.keys()) if (consumer.closed || flowed.has(consumer)) watched.delete(consumer);
    if (flowing.length > 0) onFlow();
    lookSoon();
  };
  const lookSoon = (): void => {
    if (cancelLook === undefined && watched.size > 0) cancelLook = clock.after(LOOK_EVERY_MS, () => void look());
  };

  const hasFlowed = ({ consumer, transport, silent }: Candidate): boolean => {
    if (silent || flowed.has(consumer)) return true;
    watched.set(consumer, transport);
    lookSoon();
    return false;
  };

  return {
    hasFlowed,
    choose(candidates) {
      const living = candidates.filter(({ consumer }) => !consumer.closed);
      if (living.length <= 1) return living[0]?.consumer.track;
      return (living.findLast(hasFlowed) ?? living[0])?.consumer.track;
    },
    close() {
      watched.clear();
      cancelLook?.();
    },
  };
};

/** SSRCs of which a picture was decoded, or a packet of sound has come. Asked of the transport: not every WebRTC can say it of a track. */
const flowingStreams = async (transport: types.Transport): Promise<(number | undefined)[]> => {
  const streams: number[] = [];
  try {
    (await transport.getStats()).forEach((entry: RTCInboundRtpStreamStats) => {
      const flows = entry.kind === 'video' ? entry.framesDecoded : entry.packetsReceived;
      if (entry.type === 'inbound-rtp' && Number(flows) > 0) streams.push(entry.ssrc);
    });
  } catch {
    // It closed while it was asked.
  }
  return streams;
};
