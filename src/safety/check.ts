/** The guard as the host platform asks it: what is found, and what to do instead. From the contract's beginning on nothing is held against anybody. */
import type { GuardCategory, GuardCheck, GuardVerdict } from '../../protocol/index.ts';
import { inspect } from './guard.ts';

const CONTACT = 'Go on talking here; contact data can be exchanged once the contract has begun.';

const ADVICE: Readonly<Record<GuardCategory, string>> = {
  email: CONTACT,
  phone: CONTACT,
  handle: CONTACT,
  social: CONTACT,
  address: 'A city or a time zone is enough until the contract has begun.',
  link: 'Show public samples of your work; a site of your own can be named once the contract has begun.',
  meeting_link: 'Call each other here: the phone and the camera are at the top of the conversation.',
  move_offplatform: 'Go on talking here until the contract has begun; files and calls work here too.',
  payment_offplatform: 'What is paid is paid through the contract, where both of you are protected.',
  reward: 'Nothing may be given or done for being chosen. A bonus for good work is fine once the contract runs.',
};

export const checkText = ({ text, earlier, contract, allowedHosts }: GuardCheck): GuardVerdict => {
  if (contract !== 'before') return { findings: [] };
  const { findings } = inspect({ text, earlier, contract, exceptions: { allowedHosts } });
  return { findings: findings.map((finding) => ({ ...finding, advice: ADVICE[finding.category] })) };
};
