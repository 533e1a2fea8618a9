import { describe, expect, it } from 'vitest';
import { createSealer, SealError } from './sealer.ts';

const key = (letter: string): string => Buffer.alloc(32, letter).toString('base64');

describe('seals', () => {
  it('[GD3] open under their key and at their place alone, and not when a bit of them was changed', () => {
    const sealer = createSealer([key('a')]);
    const text = 'mira@holt.example \u{1f58b} and a lone \u0000';
    const seal = sealer.seal(text, 'message:a');
    expect(Buffer.from(seal).includes('holt')).toBe(false);
    expect(sealer.open(seal, 'message:a')).toBe(text);
    expect(() => sealer.open(seal, 'message:b')).toThrow(SealError);
    expect(() => createSealer([key('b')]).open(seal, 'message:a')).toThrow(/not among safety\.sealKeys/);
    for (let index = 0; index < seal.length; index += 1) {
      const changed = Uint8Array.from(seal);
      changed[index]! ^= 1;
      expect(() => sealer.open(changed, 'message:a')).toThrow(SealError);
    }
    for (const length of [0, 1, 16, 32, seal.length - 1])
      expect(() => sealer.open(seal.slice(0, length), 'message:a')).toThrow(SealError);
    // The same text twice is two seals.
    expect(Buffer.from(sealer.seal(text, 'message:a')).equals(Buffer.from(seal))).toBe(false);
  });

  it('[GD3] the first key seals, and older ones open what they sealed', () => {
    const old = createSealer([key('a')]).seal('from before', 'p');
    const both = createSealer([key('b'), key('a')]);
    expect(both.open(old, 'p')).toBe('from before');
    expect(createSealer([key('b')]).open(both.seal('from now', 'p'), 'p')).toBe('from now');
    expect(() => createSealer(['c2hvcnQ='])).toThrow(/32/);
  });
});
