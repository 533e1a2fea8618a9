/** How an appeal stands. */
import type { Appeal } from '../../../client/types.ts';
import css from './appeal-state.module.css';

const TEXT = {
  waiting: 'A moderator has been asked.',
  granted: 'A moderator let it through.',
  refused: 'A moderator looked at it and decided against it.',
} as const;

export const AppealState = ({ appeal }: { readonly appeal: Appeal }) => (
  <p className={css.state} data-testid="appeal-state" data-state={appeal.state}>
    {TEXT[appeal.state]}
    {appeal.decisionReason !== null && appeal.decisionReason !== '' && (
      <>
        {' '}
        <q className={css.reason}>{appeal.decisionReason}</q>
      </>
    )}
  </p>
);
