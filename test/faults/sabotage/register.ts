/**
 * Breaks a Parley on purpose, so that a test can see that the judge finds it. Loaded by `--import` into a process of the test
 * alone; nothing in src/ knows of it. PARLEY_TEST_SABOTAGE says what is broken.
 */
import { registerHooks } from 'node:module';

const REPLACED: readonly (readonly [ending: string, by: string])[] = [
  ['/sqlite-store.ts', './sqlite-store.ts'],
  ['/postgres-store.ts', './postgres-store.ts'],
  ['/memory-presence.ts', './memory-presence.ts'],
  ['/redis-presence.ts', './redis-presence.ts'],
];

registerHooks({
  resolve(specifier, context, next) {
    const own = context.parentURL?.includes('/test/faults/sabotage/') === true;
    const replaced = REPLACED.find(([ending]) => specifier.endsWith(ending));
    return own || replaced === undefined ? next(specifier, context) : next(new URL(replaced[1], import.meta.url).href, context);
  },
});
