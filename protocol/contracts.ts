/** Contracts, as the host platform tells them, and what they mean for a thread. */
import { z } from 'zod';
import { ContractId, ProposalId, Timestamp, text, UserId } from './ids.ts';

/** offered -> active <-> paused -> ended; or cancelled, before it began. The host platform may tell any of them at any time. */
export const ContractStatus = z.enum(['offered', 'active', 'paused', 'ended', 'cancelled']);

export const Contract = z.object({
  contractId: ContractId,
  /** The proposal it came of; null for one that the host platform made without. */
  proposalId: ProposalId.nullable(),
  clientId: UserId,
  freelancerId: UserId,
  title: text(200),
  status: ContractStatus,
  /** The host platform's count of its changes: the largest wins, in whatever order they come. */
  version: z.int().min(1),
  /** Null until it has begun. */
  startedAt: Timestamp.nullable(),
  endedAt: Timestamp.nullable(),
});

/** What holds in a thread: the rules before a contract, while one runs, and after. */
export const ContractState = z.enum(['before', 'active', 'ended']);

export type ContractStatus = z.infer<typeof ContractStatus>;
export type Contract = z.infer<typeof Contract>;
export type ContractState = z.infer<typeof ContractState>;

/** `active` while one of a thread's contracts runs, a paused one too; `ended` when those that began are over; or else `before`. */
export const contractStateOf = (contracts: readonly Contract[]): ContractState => {
  if (contracts.some(({ status }) => status === 'active' || status === 'paused')) return 'active';
  return contracts.some(({ startedAt }) => startedAt !== null) ? 'ended' : 'before';
};

/** The contracts of a thread once one of them has changed, or is new: in the order in which they were told first. */
export const withContract = (contracts: readonly Contract[], changed: Contract): Contract[] =>
  contracts.some(({ contractId }) => contractId === changed.contractId)
    ? contracts.map((contract) => (contract.contractId === changed.contractId ? changed : contract))
    : [...contracts, changed];
