/** What flows in a call, from the WebRTC statistics of its producers and consumers. */
import type { CallTrackStats } from '../types.ts';

interface Measured {
  readonly participantId: string;
  readonly source: CallTrackStats['source'];
  readonly direction: CallTrackStats['direction'];
  getStats(): Promise<RTCStatsReport>;
}

/** A track that closes while it is measured is left out. */
export const measure = async (tracks: readonly Measured[]): Promise<CallTrackStats[]> =>
  (await Promise.all(tracks.map((track) => measureOne(track).catch(() => [])))).flat();

const measureOne = async ({ participantId, source, direction, getStats }: Measured): Promise<CallTrackStats[]> => {
  const streams = streamsOf(await getStats(), direction === 'send' ? 'outbound-rtp' : 'inbound-rtp');
  const sum = (field: string): number => streams.reduce((total, stream) => total + numberOf(stream, field), 0);
  const flow =
    direction === 'send'
      ? { bytes: sum('bytesSent'), frames: sum('framesSent'), audioEnergy: 0 }
      : { bytes: sum('bytesReceived'), frames: sum('framesDecoded'), audioEnergy: sum('totalAudioEnergy') };
  return [{ participantId, source, direction, ...flow }];
};

const streamsOf = (report: RTCStatsReport, type: string): object[] => {
  const streams: object[] = [];
  report.forEach((entry: { type: string }) => {
    if (entry.type === type) streams.push(entry);
  });
  return streams;
};

const numberOf = (stream: object, field: string): number => {
  const value: unknown = Reflect.get(stream, field);
  return typeof value === 'number' ? value : 0;
};
