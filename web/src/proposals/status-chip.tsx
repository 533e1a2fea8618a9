/** Where a proposal stands. */
import type { ProposalStatus } from '../../../protocol/index.ts';
import { STATUS_TEXT } from './bid.ts';
import css from './status-chip.module.css';

export const StatusChip = ({ status }: { readonly status: ProposalStatus }) => (
  <span className={css.chip} data-status={status}>
    {STATUS_TEXT[status]}
  </span>
);
