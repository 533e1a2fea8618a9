import { describe, expect, it } from 'vitest';
import type { GuardFinding } from '../../../protocol/index.ts';
import { noticesOf, reasonText, saidOf, strictestOf } from './words.ts';

const finding = (part: Partial<GuardFinding> = {}): GuardFinding => ({
  category: 'email',
  rule: 'email.plain',
  confidence: 0.9,
  spans: [{ message: null, start: 0, end: 4 }],
  action: 'mask',
  advice: 'Later.',
  ...part,
});

describe('what one is told of what was found', () => {
  it('[WG8] names the words, the strictest first, once for each kind, and leaves out what is allowed', () => {
    const text = 'a@b.c and a@b.c, or d@e.f for a gift card';
    const notices = noticesOf(
      [
        finding({ spans: [{ message: null, start: 0, end: 5 }] }),
        finding({ spans: [{ message: null, start: 10, end: 15 }] }),
        finding({ rule: 'email.other', spans: [{ message: null, start: 20, end: 25 }] }),
        finding({ category: 'link', action: 'allow' }),
        finding({ category: 'reward', action: 'block', advice: 'No.', spans: [{ message: null, start: 32, end: 41 }] }),
      ],
      text,
    );
    expect(notices).toEqual([
      { category: 'reward', action: 'block', words: ['gift card'], together: false, advice: 'No.' },
      { category: 'email', action: 'mask', words: ['a@b.c', 'd@e.f'], together: false, advice: 'Later.' },
    ]);
    expect(strictestOf(notices)).toBe('block');
    expect(noticesOf([finding({ action: 'allow' })], text)).toEqual([]);
    expect(strictestOf([])).toBeNull();
  });

  it('[WG8] says when words count only with what was written before, and shortens what is long', () => {
    const text = `x ${'long '.repeat(40)}`;
    const [notice] = noticesOf(
      [
        finding({
          spans: [
            { message: 0, start: 0, end: 3 },
            { message: null, start: 0, end: text.length },
          ],
        }),
      ],
      text,
    );
    expect(notice?.together).toBe(true);
    expect(notice?.words[0]).toHaveLength(60);
    expect(notice?.words[0]?.endsWith('…')).toBe(true);
    expect(noticesOf([finding({ spans: [{ message: 0, start: 0, end: 3 }] })], text)[0]?.words).toEqual([]);
  });

  it('[WG8] gives the reason in the number of what it is said of', () => {
    expect(reasonText('email')).toBe('looks like an e-mail address.');
    expect(reasonText('email', { several: true })).toBe('look like an e-mail address.');
    expect(reasonText('reward', { several: true })).toBe('sound like a reward for the award of the job.');
  });

  it('[WG8] is said aloud without the words, which change with each key', () => {
    const at = (end: number) => noticesOf([finding({ spans: [{ message: null, start: 0, end }] })], 'someone@mail.example');
    expect(saidOf(at(12))).toBe(saidOf(at(20)));
    expect(saidOf(at(12))).toBe('Part of this will be hidden until the contract starts: e-mail address. Later.');
    expect(saidOf([])).toBe('');
  });
});
