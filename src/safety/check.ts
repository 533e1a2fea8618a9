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

export const checkText = (check: GuardCheck, policy: Policy): GuardVerdict => verdictOf(check, decideText(check, policy));

/** The same for a text that is longer than a message: `pause` lets others have their turn between its parts. */
export const checkLongText = async (check: GuardCheck, policy: Policy, pause: () => Promise<unknown>): Promise<GuardVerdict> => {
  let verdict: Verdict = { findings: [] };
  for (const soFar of inspectParts(check)) {
    verdict = soFar;
    await pause();
  }
  return verdictOf(check, decide(verdict, policy, check));
};

const verdictOf = ({ text }: GuardCheck, decision: Decision): GuardVerdict => ({
  action: decision.action,
  findings: toFindings(decision.decided),
  masked: masked(text, hiddenSpans(decision, text)).body,
});
