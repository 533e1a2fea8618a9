/** The packet scores that say how well media flows for one participant. */
import type { MediaSource } from '../protocol/index.ts';
import type { Participant } from './participant.ts';

/** A shared screen that stands still sends nothing, and scores as if it were lost. */
const isSteady = (source: MediaSource): boolean => source === 'microphone' || source === 'camera';

/** Of what flows on purpose: not muted, not paused. A sender that scales itself down has its best layer counted. */
export const scoresOf = ({ media }: Participant): number[] => {
  if (media === undefined) return [];
  if (media.transports.cut) return [0];
  const sent = [...media.sent.values()]
    .filter(({ source, producer }) => isSteady(source) && !producer.paused && producer.score.length > 0)
    .map(({ producer }) => Math.max(...producer.score.map(({ score }) => score)));
  const received = [...media.received.values()]
    .filter(({ track, consumer }) => isSteady(track.source) && !consumer.paused && !track.producer.paused)
    .map(({ consumer }) => consumer.score.score);
  return [...sent, ...received];
};
