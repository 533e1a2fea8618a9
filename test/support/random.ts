/** A seeded random generator (mulberry32), so that a failing run can be repeated. */
export interface Random {
  readonly seed: number;
  /** 0 up to, not including, 1. */
  next(): number;
  int(below: number): number;
  pick<Value>(values: readonly Value[]): Value;
}

/** The seed comes from PARLEY_SEED, or from the time; print it. */
export const createRandom = (seed = Number(process.env.PARLEY_SEED ?? Date.now() % 2 ** 31)): Random => {
  let state = seed >>> 0;
  const next = (): number => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
  const int = (below: number): number => Math.floor(next() * below);
  return { seed, next, int, pick: (values) => values[int(values.length)] as (typeof values)[number] };
};
