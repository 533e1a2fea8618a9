/** The longest pause between two decoded frames that each of two people saw of the other, looked at every few ms. */
import type { Person } from './media-cluster.ts';

const LOOK_EVERY_MS = 4;

/** Watches from now on; the function it returns ends that, and says the longest pause in ms. */
export const watchGaps = (ada: Person, bob: Person): (() => number) => {
  const watch = (who: Person, from: Person) => {
    let [count, at, longest] = [who.shown(from), performance.now(), 0];
    return (): number => {
      const shown = who.shown(from);
      const now = performance.now();
      longest = Math.max(longest, now - at);
      if (shown !== count) [count, at] = [shown, now];
      return longest;
    };
  };
  const looks = [watch(ada, bob), watch(bob, ada)];
  const timer = setInterval(() => {
    for (const look of looks) look();
  }, LOOK_EVERY_MS);
  return () => {
    clearInterval(timer);
    return Math.round(Math.max(...looks.map((look) => look())));
  };
};
