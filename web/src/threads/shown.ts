/** Which threads stand where: favourites, the list below them, and what was set aside. */
import type { InboxView } from '../../../client/types.ts';
import type { ThreadSummary } from '../../../protocol/index.ts';

export interface Shown {
  readonly favourites: readonly ThreadSummary[];
  readonly others: readonly ThreadSummary[];
  readonly archived: readonly ThreadSummary[];
  readonly hidden: readonly ThreadSummary[];
}

/** Each in the order of the list. What is hidden stands with the hidden, archived or not. */
export const shownOf = ({ threads, marked }: Pick<InboxView, 'threads' | 'marked'>): Shown => ({
  favourites: marked.filter(({ marks }) => marks.favourite && !marks.archived && !marks.hidden),
  others: threads.filter(({ marks }) => !marks.favourite && !marks.archived && !marks.hidden),
  archived: marked.filter(({ marks }) => marks.archived && !marks.hidden),
  hidden: marked.filter(({ marks }) => marks.hidden),
});
