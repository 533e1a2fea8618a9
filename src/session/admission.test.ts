import { describe, expect, it } from 'vitest';
import { createFakeClock } from '../../test/support/fake-clock.ts';
import { createAdmission } from './admission.ts';

const MAX_BYTES = 100;

const setUp = () => {
  const clock = createFakeClock();
  const closed: string[] = [];
  const counts: number[] = [];
  let held = 1_000;
  const admission = createAdmission({
    max: 3,
    maxBytes: MAX_BYTES,
    clock,
    held: () => held,
    onCount: (count) => counts.push(count),
  });
  const enter = (name: string) => admission.enter(() => closed.push(name));
  return { clock, admission, enter, closed, counts, hold: (bytes: number) => (held = bytes) };
};

describe('admission', () => {
  it('[SE20] lets so many wait, counts each once, and lets the next one in when one is done', () => {
    const { admission, enter, counts } = setUp();
    const leaves = ['a', 'b', 'c'].map(enter);
    expect(admission.mayEnter()).toBe(false);
    leaves[1]?.();
    leaves[1]?.();
    expect(admission.mayEnter()).toBe(true);
    expect(counts).toEqual([1, 2, 3, 2]);
  });

  it('[SE30] closes those that have waited for a second once more is held than may be, and nobody who came just now', () => {
    const { clock, enter, closed, hold } = setUp();
    enter('first');
    clock.advance(500);
    hold(1_000 + MAX_BYTES + 1);
    enter('later');
    clock.advance(400);
    expect(closed).toEqual([]);
    clock.advance(200);
    expect(closed).toEqual(['first']);
  });

  it('[SE30] closes nobody as long as no more is held than may be', () => {
    const { clock, enter, closed, hold } = setUp();
    enter('a');
    hold(1_000 + MAX_BYTES);
    clock.advance(10_000);
    expect(closed).toEqual([]);
  });

  it('[SE30] a process that grows while nobody waits for long has grown for another reason', () => {
    const { clock, enter, closed, hold } = setUp();
    for (let round = 0; round < 20; round++) {
      const leave = enter(`quick ${round}`);
      hold(1_000 + round * MAX_BYTES);
      clock.advance(300);
      enter(`next ${round}`)();
      leave();
    }
    clock.advance(1_000);
    enter('slow');
    clock.advance(5_000);
    expect(closed).toEqual([]);
  });
});
