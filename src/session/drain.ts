/**
 * Sends the sessions of a gateway that stops to the others, at a pace these can take. Each socket is closed with the time to stay
 * away: one slot each of equal width, in shuffled order, at a random moment of the slot. Independent random delays would bunch:
 * of 10,000 over ten seconds, some moments would get half as many again.
 */
import type { Clock } from '../clock.ts';
import type { Socket } from '../socket/socket.ts';

export interface DrainSettings {
  readonly reconnectsPerSecond: number;
  /** However many they are, the last is asked back by then. Wins over the rate. */
  readonly maxSpreadMs: number;
  /** All sockets are closed by then. */
  readonly closeWithinMs: number;
}

/** A few sessions are spread over this much all the same. */
const MIN_SPREAD_MS = 2_000;

/** Milliseconds from now, ascending: when the first of `count` comes back, the second, and so on. */
export const planReconnects = (
  count: number,
  { reconnectsPerSecond, maxSpreadMs }: Pick<DrainSettings, 'reconnectsPerSecond' | 'maxSpreadMs'>,
  random: () => number,
): number[] => {
  const spreadMs = Math.min(maxSpreadMs, Math.max(MIN_SPREAD_MS, (count / reconnectsPerSecond) * 1_000));
  const slotMs = spreadMs / count;
  return Array.from({ length: count }, (_, slot) => Math.floor((slot + random()) * slotMs));
};

const shuffled = <Value>(values: readonly Value[], random: () => number): Value[] => {
  const result = [...values];
  for (let index = result.length - 1; index > 0; index--) {
    const other = Math.floor(random() * (index + 1));
    [result[index], result[other]] = [result[other] as Value, result[index] as Value];
  }
  return result;
};

/** Sockets closed at once, and the pause between: the loop goes on serving those that wait for their turn. */
const BATCH = 500;
const PAUSE_MS = 25;

/** Closes in the order of coming back, so that each stays away from its own closing to its slot. */
export const drainSockets = async (
  sockets: readonly Socket[],
  { settings, clock, random }: { settings: DrainSettings; clock: Clock; random: () => number },
): Promise<void> => {
  const order = shuffled(sockets, random);
  const plan = planReconnects(sockets.length, settings, random);
  const startedAt = clock.now();
  const size = Math.max(BATCH, Math.ceil((sockets.length * PAUSE_MS) / settings.closeWithinMs));
  for (let from = 0; from < order.length; from += size) {
    if (from > 0) await new Promise<void>((resolve) => clock.after(PAUSE_MS, resolve));
    const elapsedMs = from === 0 ? 0 : clock.now() - startedAt;
    for (const [index, socket] of order.slice(from, from + size).entries()) {
      socket.close({ name: 'draining', delayMs: Math.max(0, (plan[from + index] as number) - elapsedMs) });
    }
  }
};
