/** Which worker takes the next room: the least busy one by CPU, and among equals the one with the fewest rooms. */

interface Load {
  readonly cpu: number;
  readonly placed: number;
  readonly carries: { readonly rooms: number };
}

/** Smaller differences between two measurements are noise. */
const CPU_STEP = 0.05;
/** What a room that was placed since the last measurement is expected to cost, so that a rush does not go to one worker. */
const EXPECTED_OF_A_ROOM = 0.05;

const busyness = ({ cpu, placed }: Load): number => Math.round((cpu + placed * EXPECTED_OF_A_ROOM) / CPU_STEP);

export const leastBusy = <Candidate extends Load>(candidates: Iterable<Candidate>): Candidate | undefined =>
  [...candidates].sort((a, b) => busyness(a) - busyness(b) || a.carries.rooms - b.carries.rooms)[0];
