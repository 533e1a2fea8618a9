/** The guard as the host platform asks it: what is found, what the default policy does about it, and what to do instead. */
import type { GuardCheck, GuardVerdict } from '../../protocol/index.ts';
import { inspect } from './guard.ts';
import { masked, spansOf } from './mask.ts';
import { DEFAULT_POLICY, decide } from './policy.ts';

export const checkText = ({ text, earlier, contract, role, exceptions }: GuardCheck): GuardVerdict => {
  const { action, decided } = decide(inspect({ text, earlier, contract, role, exceptions }), DEFAULT_POLICY, {
    contract,
    role,
    exceptions,
  });
  const hidden = spansOf(decided.flatMap(({ finding, action: taken }) => (taken === 'mask' ? [finding] : [])));
  return {
    action,
    findings: decided.map(({ finding, ...rest }) => ({ ...finding, ...rest })),
    masked: masked(text, hidden).body,
  };
};
