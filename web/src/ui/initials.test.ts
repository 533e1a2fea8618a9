import fc from 'fast-check';
import { expect, it } from 'vitest';
import { hueOf, initialsOf } from './initials.ts';

it('[WEB6] a person without a picture is shown by the first letters of their first and last name', () => {
  expect(['Dana Whitfield', 'Tomás', 'ana maría de la cruz', ' Aiko  Mori ', '👩‍🎨 Studio', ''].map(initialsOf)).toEqual([
    'DW',
    'T',
    'AC',
    'AM',
    '👩S',
    '',
  ]);
});

it('[WEB6] a person has the same colour everywhere, one of the eight there are', () => {
  fc.assert(
    fc.property(fc.string(), (userId) => {
      expect(hueOf(userId)).toBe(hueOf(userId));
      expect([0, 1, 2, 3, 4, 5, 6, 7]).toContain(hueOf(userId));
    }),
  );
  expect(new Set(['dana', 'tomas', 'aiko', 'kwame'].map(hueOf)).size).toBe(4);
});
