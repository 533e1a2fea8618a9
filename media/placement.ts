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

/** A worker that uses more of its core than this takes no more people of a room that can go elsewhere. */
const BUSY_CPU = 0.85;
/** A worker that was busy is not any more below this part of the limits. */
const CALM = 0.8;

/** Whether a place is full: above a limit it is, and stays so until it is well below. `carried` is 1 at the limit. */
export const isBusy = (wasBusy: boolean, carried: number, cpu: number): boolean => {
  const limit = wasBusy ? CALM : 1;
  return carried > limit || cpu > BUSY_CPU * limit;
};

/** Pipes cost on both sides, so another worker must have clearly more room. */
const WORTH_CPU = 0.1;
interface Carrying {
  readonly cpu: number;
  readonly consumers: number;
}
export const isWorthAPlace = (spare: Carrying, busy: Carrying): boolean =>
  spare.cpu + WORTH_CPU < busy.cpu || (spare.cpu < BUSY_CPU && spare.consumers < busy.consumers);
