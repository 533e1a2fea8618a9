import { describe, expect, test } from 'vitest';
import { MARK, masked } from './mask.ts';
import { restore } from './restore.ts';

/** A text with some of its words masked. */
const hide = (text: string, ...words: string[]) => {
  const spans = words.map((word) => ({
    start: text.indexOf(word),
    end: text.indexOf(word) + word.length,
    category: 'email' as const,
  }));
  const { body, masked: marks, hidden } = masked(text, spans);
  return (edited: string) => restore(edited, { body, marks }, hidden);
};

describe('restoring', () => {
  test('[GD9] puts the originals under the marks that stay', () => {
    const edit = hide('Hi, a$&b or c', 'a$&b', 'c');
    expect(edit(`Hi, ${MARK} or ${MARK}.`)).toBe('Hi, a$&b or c.');
    expect(edit('without')).toBe('without');
  });

  test('[GD9] whichever of the marks goes, the others keep what is theirs', () => {
    const edit = hide('Mail a@x.io, call 030 12 or see y.io', 'a@x.io', '030 12', 'y.io');
    expect(edit(`Mail ${MARK}, call ${MARK} or see ${MARK}`)).toBe('Mail a@x.io, call 030 12 or see y.io');
    expect(edit(`Call ${MARK} or see ${MARK}`)).toBe('Call 030 12 or see y.io');
    expect(edit(`Please see ${MARK}`)).toBe('Please see y.io');
    expect(edit(`See ${MARK}, call ${MARK}, and mail ${MARK}`)).toBe('See y.io, call 030 12, and mail a@x.io');
  });

  test('[GD9] goes by their order where the words beside them say nothing; a mark of one’s own stays one', () => {
    const edit = hide('a@x.io b@x.io', 'a@x.io', 'b@x.io');
    expect(edit(`${MARK}, ${MARK}`)).toBe('a@x.io, b@x.io');
    expect(edit(`${MARK} ${MARK} and ${MARK}`)).toBe(`a@x.io b@x.io and ${MARK}`);
    const many = 'x '.repeat(60);
    const some = masked(
      many,
      [...many.matchAll(/x/g)].map(({ index }) => ({ start: index, end: index + 1, category: 'email' as const })),
    );
    expect(restore(some.body, { body: some.body, marks: some.masked }, some.hidden)).toBe(many);
  });
});
