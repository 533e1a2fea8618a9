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

/** Those that have any, in their order; a status that is not in it comes last. Each keeps the order it was given. */
export const sectionsOf = <Item extends Pick<Proposal, 'status'>>(
  proposals: readonly Item[],
  side: 'received' | 'sent',
): Section<Item>[] => {
  const byStatus = Map.groupBy(proposals, ({ status }) => status);
  const others = [...byStatus.keys()].filter((status) => !ORDER.includes(status));
  return [...ORDER, ...others].flatMap((status) => {
    const of = byStatus.get(status);
    const title = (side === 'received' ? TITLES[status] : undefined) ?? STATUS_TEXT[status] ?? status;
    return of === undefined ? [] : [{ status, title, proposals: of }];
  });
};

/** "2 new, 1 messaged". */
export const sectionsText = (sections: readonly Section<unknown>[]): string =>
  sections.map(({ title, proposals }) => `${proposals.length} ${title.toLocaleLowerCase('en')}`).join(', ');
