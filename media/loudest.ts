/**
 * Whose sound is forwarded. In a small room everybody's; in a large one that of the few who were heard last, since nobody follows
 * more and most of the others are silent anyway.
 */
export interface Loudest {
  /** Takes those who are heard now, loudest first; true when others are forwarded now than before. */
  hear(participantIds: readonly string[]): boolean;
  isForwarded(participantId: string): boolean;
}

/** Up to this many people everybody is heard. */
const SMALL_ROOM = 12;
const FORWARDED = 6;

export const createLoudest = (people: () => number): Loudest => {
  /** Heard last first. */
  let heard: readonly string[] = [];
  return {
    hear(participantIds) {
      const before = heard;
      const staying = before.filter((participantId) => participantIds.slice(0, FORWARDED).includes(participantId));
      const fresh = participantIds.filter((participantId) => !before.includes(participantId));
      const silent = before.filter((participantId) => !staying.includes(participantId));
      heard = [...fresh, ...staying, ...silent].slice(0, FORWARDED);
      return heard.some((participantId) => !before.includes(participantId)) && people() > SMALL_ROOM;
    },
    isForwarded: (participantId) => people() <= SMALL_ROOM || heard.includes(participantId),
  };
};
