/** What becomes of a text that the guard has something to say against: configuration, and a second pure function. */
import { ACTIONS, type Action, type Policy } from '../../config/policy.ts';
import type { Category, ContractState, Finding, Role, Verdict } from './verdict.ts';

export { type Action, DEFAULT_POLICY, Policy } from '../../config/policy.ts';

/** What the host or a moderator has granted for a thread. */
export type Exceptions = {
  /** The client has an enterprise agreement. */
  enterprise?: boolean;
  /** Legal papers are exchanged: an e-mail address and a postal address may be given for them. */
  legalDocuments?: boolean;
  /** An address, or an account's e-mail address, is needed for access to a system while the work is scoped. */
  systemAccess?: boolean;
  /** Links to these hosts are fine; `inspect` takes them. */
  allowedHosts?: readonly string[];
};

export type Context = { contract: ContractState; role: Role; exceptions?: Exceptions };

export type Decided = { finding: Finding; action: Action /** What the sender may do instead. */; advice: string };

export type Decision = {
  /** The strictest of all. */
  action: Action;
  decided: Decided[];
};

/** Said to the sender beside what was found; short, without blame, and with a way on. */
export const ADVICE: Record<Category, string> = {
  email: 'Addresses can be exchanged once the contract has started. Share files and papers in this thread until then.',
  phone: 'Numbers can be exchanged once the contract has started. Call from this thread: press the camera.',
  handle: 'Other messengers can be used once the contract has started. Write and call in this thread until then.',
  social: 'Profiles elsewhere can be shared once the contract has started. Work samples may be attached or linked here.',
  link: 'Sites with contact details can be shared once the contract has started. Samples, documents and references are welcome.',
  meeting_link: 'Propose a time in this thread: the interview is held here, and both are reminded.',
  payment_offplatform:
    'Payment goes through the contract, which protects both sides. Bonuses for good work can be paid there too.',
  move_offplatform: 'Stay in this thread until the contract has started; interviews, files and search are here.',
  address: 'An address can be given once the contract has started. A city or a time zone is fine.',
  reward: 'The award may not be traded for gifts, free work, fees or reviews. A paid first milestone is a fair trial.',
};

export const strictness = (action: Action): number => ACTIONS.indexOf(action);

/** Whatever is found in this state has no consequence, so that nothing need be looked for. */
export const allowsAll = (policy: Policy, contract: ContractState): boolean =>
  Object.values(policy[contract]).every((action) => action === 'allow');

/** What to do with a verdict. Pure; the same verdict, policy and context give the same decision. */
export const decide = (verdict: Verdict, policy: Policy, { contract, role, exceptions = {} }: Context): Decision => {
  let action: Action = 'allow';
  const decided = verdict.findings.map((finding): Decided => {
    const { category } = finding;
    let taken = policy[contract][category];
    const isExcepted =
      role === 'moderator' ||
      (exceptions.enterprise === true && policy.enterprise.includes(category)) ||
      (exceptions.legalDocuments === true && (category === 'email' || category === 'address')) ||
      (exceptions.systemAccess === true && (category === 'email' || category === 'address' || category === 'link'));
    const isLearned = finding.rule.startsWith('learned.');
    if (isExcepted || (isLearned && finding.confidence < policy.heedLearnedFrom)) taken = 'allow';
    else if (
      finding.confidence < (isLearned ? policy.certainLearnedFrom : policy.certainFrom) &&
      strictness(taken) > strictness('warn')
    )
      taken = 'warn';
    if (strictness(taken) > strictness(action)) action = taken;
    return { finding, action: taken, advice: ADVICE[category] };
  });
  return { action, decided };
};
