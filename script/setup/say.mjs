// What the set-up says while it works: one line when a step begins something, its progress, and how long it took.
// Everything goes to standard error, so that the output of `script/run CMD` stays the command's own.

/** A failure with a message for the person at the terminal; anything else that is thrown is our bug and keeps its stack. */
export class SetupError extends Error {}

/** Progress is repeated at most this often, in ms. */
const PROGRESS_EVERY_MS = 10_000;

export const say = (line) => void process.stderr.write(`${line}\n`);

export const seconds = (sinceMs) => `${((performance.now() - sinceMs) / 1000).toFixed(1)} s`;

/**
 * Runs one step. `work` gets `{ doing, progress }` and returns what there is now, in a few words. Quiet steps say nothing
 * unless they had something to do.
 */
export async function step(name, { quiet }, work) {
  const begun = performance.now();
  let didSomething = false;
  let lastProgress = begun;
  const doing = (what) => {
    didSomething = true;
    say(`${name}: ${what}`);
  };
  const progress = (what) => {
    if (performance.now() - lastProgress < PROGRESS_EVERY_MS) return;
    lastProgress = performance.now();
    say(`${name}: … ${what} (${seconds(begun)})`);
  };
  const result = await work({ doing, progress });
  if (didSomething) say(`${name}: ${result}, in ${seconds(begun)}.`);
  else if (!quiet) say(`${name}: ${result}.`);
}
