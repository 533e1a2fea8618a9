/** The call desks of one person in one page, where several conversations are shown at once. */
import type { CallDesk } from './call-desk.ts';

export interface DeskCircle {
  /** Returns how to leave it. */
  join(desk: CallDesk): () => void;
  others(desk: CallDesk): readonly CallDesk[];
}

export const createDeskCircle = (): DeskCircle => {
  const desks = new Set<CallDesk>();
  return {
    join(desk) {
      desks.add(desk);
      return () => void desks.delete(desk);
    },
    others: (desk) => [...desks].filter((other) => other !== desk),
  };
};
