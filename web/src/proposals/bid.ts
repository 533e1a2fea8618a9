/** A bid, and the states of proposals and contracts, in words. */
import type { ContractStatus, Proposal, ProposalStatus } from '../../../protocol/index.ts';

/** "$4,800 for the project", "$65 an hour", or that there is none. */
export const bidText = (bid: Proposal['bid'], locale?: string): string => {
  if (bid === null) return 'No bid';
  const whole = Number.isInteger(bid.amount) ? { maximumFractionDigits: 0 } : {};
  const amount = new Intl.NumberFormat(locale, { style: 'currency', currency: bid.currency, ...whole }).format(bid.amount);
  return bid.per === 'hour' ? `${amount} an hour` : `${amount} for the project`;
};

export const STATUS_TEXT: Readonly<Record<ProposalStatus, string>> = {
  proposed: 'Proposed',
  messaged: 'Messaged',
  interviewing: 'Interviewing',
  hired: 'Hired',
  declined: 'Declined',
  closed: 'Closed',
};

export const CONTRACT_TEXT: Readonly<Record<ContractStatus, string>> = {
  offered: 'was offered',
  active: 'has begun',
  paused: 'is paused',
  ended: 'has ended',
  cancelled: 'was cancelled',
};
