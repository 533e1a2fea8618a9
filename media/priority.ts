/**
 * Which video a narrow link carries first. The worker gives every consumer its lowest layer, highest priority first, and then
 * shares what is left in that proportion; sound takes no part.
 */
import type { MediaSource } from '../protocol/index.ts';

const SCREEN = 200;
const SPEAKER = 100;
const OTHERS = 10;

export const priorityOf = (source: MediaSource, isSpeaker: boolean): number => {
  if (source === 'screen') return SCREEN;
  return isSpeaker ? SPEAKER : OTHERS;
};
