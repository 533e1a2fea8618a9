// What the set-up says while it works: one line when a step begins something, its progress, and how long it took.
// Everything goes to standard error, so that the output of `script/run CMD` stays the command's own.

/** A failure with a message for the person at the terminal; anything else that is thrown is our bug and keeps its stack. */
export class SetupError extends Error {}

/** How often what takes long is told of, in ms. */
const PROGRESS_EVERY_MS = 10_000;

export const say = (line) => void process.stderr.write(`${line}\n`);

export const seconds = (sinceMs) => `${((performance.now() - sinceMs) / 1000).toFixed(1)} s`;

/**
 * Runs one step. `work` gets `{ doing, progress }` and returns what there is now, in a few words. Quiet steps say nothing
 * unless they had something to do. What takes long says so every `everyMs`, with the latest progress that there was.
 */
export async function step(name, { quiet, everyMs = PROGRESS_EVERY_MS }, work) {
  const begun = performance.now();
  let latest;
  const tell = () => say(`${name}: … ${latest} (${seconds(begun)})`);
  let timer;
  const doing = (what) => {
    latest = what;
    say(`${name}: ${what}`);
    clearInterval(timer);
    timer = setInterval(tell, everyMs);
  };
  const progress = (what) => {
    latest = what;
  };
  try {
    const result = await work({ doing, progress });
    if (latest !== undefined) say(`${name}: ${result}, in ${seconds(begun)}.`);
    else if (!quiet) say(`${name}: ${result}.`);
  } finally {
    clearInterval(timer);
  }
}
