import fc from 'fast-check';
import { expect, it } from 'vitest';
import { gridOf } from './grid.ts';

it('[WEB15] tiles fill a wide window side by side and a tall one from top to bottom', () => {
  const wide = { width: 1_600, height: 900 };
  const tall = { width: 390, height: 844 };
  expect([1, 2, 3, 4, 6, 8].map((count) => gridOf(count, wide).columns)).toEqual([1, 2, 2, 2, 3, 3]);
  expect([1, 2, 3, 4, 8].map((count) => gridOf(count, tall).columns)).toEqual([1, 1, 1, 1, 2]);
});

it('[WEB15] whatever the window, all tiles fit, and none is wider than a camera’s picture or narrower than 4 to 3', () => {
  const length = fc.integer({ min: 100, max: 4_000 });
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 8 }), length, length, fc.integer({ min: 0, max: 12 }), (count, width, height, gap) => {
      const grid = gridOf(count, { width, height }, gap);
      const rows = Math.ceil(count / grid.columns);
      expect(grid.width * grid.columns + gap * (grid.columns - 1)).toBeLessThanOrEqual(width + 1e-6);
      expect(grid.height * rows + gap * (rows - 1)).toBeLessThanOrEqual(height + 1e-6);
      expect(grid.width / grid.height).toBeGreaterThan(4 / 3 - 1e-6);
      expect(grid.width / grid.height).toBeLessThan(16 / 9 + 1e-6);
    }),
  );
});
