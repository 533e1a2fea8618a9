/** The guard as the host platform asks it: what is found, and what to do instead. From the contract's beginning on nothing is held against anybody. */
import type { GuardCheck, GuardVerdict } from '../../protocol/index.ts';
import { inspect } from './guard.ts';
import { ADVICE } from './policy.ts';

export const checkText = ({ text, earlier, contract, allowedHosts }: GuardCheck): GuardVerdict => {
  if (contract !== 'before') return { findings: [] };
  const { findings } = inspect({ text, earlier, contract, exceptions: { allowedHosts } });
  return { findings: findings.map((finding) => ({ ...finding, advice: ADVICE[finding.category] })) };
};
