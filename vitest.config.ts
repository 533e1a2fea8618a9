import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['**/*.test.ts', '**/*.test.tsx'],
    exclude: ['node_modules/**', 'web/dist/**', '.parley/**'],
    // Native addons and worker threads of our own: a process a file.
    pool: 'forks',
    // Two cores at least everywhere; browsers and media workers want theirs.
    maxWorkers: 2,
    testTimeout: 60_000,
    hookTimeout: 60_000,
  },
});
