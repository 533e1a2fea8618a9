/** A bid and a proposal's status in words. */
import type { Proposal, ProposalStatus } from '../../../protocol/index.ts';

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
};
