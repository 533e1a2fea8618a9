/** The guard as it is asked about any text: what is found, what the policy does about it, how it looks then, and what to do instead. */
import type { Policy } from '../../config/policy.ts';
import type { GuardCheck, GuardFinding, GuardVerdict } from '../../protocol/index.ts';
import { streetsIn } from './extract/streets.ts';
import { inspect, inspectParts } from './guard.ts';
import { type MaskedSpan, masked, spansOf } from './mask.ts';
import { type Decided, type Decision, decide } from './policy.ts';
import type { Verdict } from './verdict.ts';

export const decideText = ({ text, earlier, contract, role, exceptions }: GuardCheck, policy: Policy): Decision =>
  decide(inspect({ text, earlier, contract, role, exceptions }), policy, { contract, role, exceptions });

export const toFindings = (decided: readonly Decided[]): GuardFinding[] =>
  decided.map(({ finding, ...rest }) => ({ ...finding, ...rest }));

/** What of a text is to be hidden: what was found, and where somebody gives a postal address, the address too. */
export const hiddenSpans = ({ decided }: Decision, text: string): MaskedSpan[] => {
  const found = spansOf(decided.flatMap(({ finding, action }) => (action === 'mask' ? [finding] : [])));
  if (!found.some(({ category }) => category === 'address')) return found;
  return [...found, ...streetsIn(text).map((span) => ({ ...span, category: 'address' as const }))];
};

/** Of a text of any length: `pause` lets others have their turn after each part of it that is as long as a message. */
export const checkText = async (check: GuardCheck, policy: Policy, pause: () => Promise<unknown>): Promise<GuardVerdict> => {
  let verdict: Verdict = { findings: [] };
  for (const soFar of inspectParts(check)) {
    verdict = soFar;
    await pause();
  }
  const decision = decide(verdict, policy, check);
  return {
    action: decision.action,
    findings: toFindings(decision.decided),
    masked: masked(check.text, hiddenSpans(decision, check.text)).body,
  };
};
