/** Proposals by where they stand, as both sides' lists show them. */
import type { Proposal, ProposalStatus } from '../../../protocol/index.ts';
import { STATUS_TEXT } from './bid.ts';

export interface Section<Item> {
  readonly status: ProposalStatus;
  readonly title: string;
  readonly proposals: readonly Item[];
}

/** In the order in which a hire comes about; what is over stands at the end. */
const ORDER: readonly ProposalStatus[] = ['proposed', 'messaged', 'interviewing', 'hired', 'declined'];

/** To whom it was sent, a proposal that nobody answered yet is new. */
const TITLES: Readonly<Partial<Record<ProposalStatus, string>>> = { proposed: 'New' };

const titleOf = (status: ProposalStatus, side: 'received' | 'sent'): string =>
  (side === 'received' ? TITLES[status] : undefined) ?? STATUS_TEXT[status] ?? status;

/** A status that is not in the order comes last. */
const inOrder = (statuses: Iterable<ProposalStatus>): ProposalStatus[] => {
  const all = new Set(statuses);
  return [...ORDER.filter((status) => all.has(status)), ...[...all].filter((status) => !ORDER.includes(status))];
};

/** Those that have any, in their order; each keeps the order it was given. */
export const sectionsOf = <Item extends Pick<Proposal, 'status'>>(
  proposals: readonly Item[],
  side: 'received' | 'sent',
): Section<Item>[] => {
  const byStatus = Map.groupBy(proposals, ({ status }) => status);
  return inOrder(byStatus.keys()).map((status) => ({
    status,
    title: titleOf(status, side),
    proposals: byStatus.get(status) ?? [],
  }));
};

/** "2 new, 1 messaged". */
export const countsText = (counts: Readonly<Record<ProposalStatus, number>>, side: 'received' | 'sent'): string =>
  inOrder(Object.keys(counts) as ProposalStatus[])
    .filter((status) => counts[status] > 0)
    .map((status) => `${counts[status]} ${titleOf(status, side).toLocaleLowerCase('en')}`)
    .join(', ');
