import { expect, it } from 'vitest';
import type { ProposalStatus } from '../../../protocol/index.ts';
import { countsText, sectionsOf } from './sections.ts';

const of = (...statuses: string[]) => statuses.map((status, id) => ({ id, status: status as ProposalStatus }));
const shape = (sections: ReturnType<typeof sectionsOf<{ id: number; status: ProposalStatus }>>) =>
  sections.map(({ title, proposals }) => [title, proposals.map(({ id }) => id)]);

it('[MJ2] proposals stand by status, in the order in which a hire comes about, each section in the order given', () => {
  const proposals = of('declined', 'messaged', 'proposed', 'hired', 'messaged', 'interviewing', 'proposed');
  expect(shape(sectionsOf(proposals, 'received'))).toEqual([
    ['New', [2, 6]],
    ['Messaged', [1, 4]],
    ['Interviewing', [5]],
    ['Hired', [3]],
    ['Declined', [0]],
  ]);
});

it('[MJ4] what the one side has new, the other side has proposed', () => {
  expect(shape(sectionsOf(of('proposed'), 'sent'))).toEqual([['Proposed', [0]]]);
});

it('[MJ2] a status that this release does not know is shown at the end, and nobody is lost', () => {
  expect(shape(sectionsOf(of('waitlisted', 'declined'), 'received'))).toEqual([
    ['Declined', [1]],
    ['waitlisted', [0]],
  ]);
});

it('[MJ1] a job says how many proposals stand where', () => {
  const none = { proposed: 0, messaged: 0, interviewing: 0, hired: 0, declined: 0, closed: 0 };
  expect(countsText({ ...none, closed: 3, messaged: 1, proposed: 2 }, 'received')).toBe('2 new, 1 messaged, 3 closed');
  expect(countsText(none, 'received')).toBe('');
});
