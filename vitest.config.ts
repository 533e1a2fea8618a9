import { defineConfig } from 'vitest/config';

const common = {
  // Native addons and worker threads of our own: a process a file.
  pool: 'forks',
  testTimeout: 60_000,
  hookTimeout: 60_000,
} as const;

const elsewhere = ['node_modules/**', 'web/dist/**', '.parley/**'];

export default defineConfig({
  test: {
    projects: [
      {
        test: {
          ...common,
          name: 'node',
          include: ['**/*.test.ts', '**/*.test.tsx'],
          exclude: [...elsewhere, 'test/browser/**'],
          maxWorkers: 2,
          sequence: { groupOrder: 0 },
        },
      },
      {
        // One at a time and alone: browsers measure gaps in pictures, and two of them fill two cores.
        test: {
          ...common,
          name: 'browser',
          include: ['test/browser/**/*.test.ts'],
          fileParallelism: false,
          maxWorkers: 1,
          sequence: { groupOrder: 1 },
        },
      },
    ],
  },
});
