import { describe, expect, it } from 'vitest';
import { playOn, scenarios } from './play.ts';

describe('the scenarios', () => {
  it('[FA4] are at least sixty, each written once', () => {
    expect(scenarios.length).toBeGreaterThanOrEqual(60);
    expect(new Set(scenarios.map(({ title }) => title)).size).toBe(scenarios.length);
  });
});

playOn('single');
