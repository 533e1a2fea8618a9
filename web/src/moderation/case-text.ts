/** Cases in words. */
import type { CaseKind, CaseOutcome, GuardCategory, ModerationCase } from '../../../protocol/index.ts';
import { categoryLabel } from '../people/report-categories.ts';

export const KIND: Readonly<Record<CaseKind, string>> = { hold: 'Held message', appeal: 'Appeal', report: 'Report' };

const FOUND: Readonly<Record<GuardCategory, string>> = {
  email: 'E-mail address',
  phone: 'Phone number',
  handle: 'Account name',
  social: 'Social network',
  link: 'Link',
  meeting_link: 'Meeting link',
  payment_offplatform: 'Payment elsewhere',
  move_offplatform: 'Talking elsewhere',
  address: 'Postal address',
  reward: 'Reward for the job',
};

export const foundLabel = (category: GuardCategory): string => FOUND[category];

/** What it is about, in a few words. */
export const gistOf = ({ category, findings }: Pick<ModerationCase, 'category' | 'findings'>): string => {
  if (category !== null) return categoryLabel(category);
  const found = [...new Set(findings.map((finding) => foundLabel(finding.category)))];
  return found.length === 0 ? 'A message' : found.join(', ');
};

/** What one can decide, and what was decided. */
export const OUTCOMES: Readonly<
  Record<CaseKind, Readonly<Record<CaseOutcome, { choice: string; done: string; effect: string }>>>
> = {
  hold: {
    granted: { choice: 'Let it through', done: 'Let through', effect: 'The message is posted as it was written.' },
    refused: { choice: 'Keep it back', done: 'Kept back', effect: 'The message is not posted; its writer is told.' },
  },
  appeal: {
    granted: { choice: 'Let it through', done: 'Let through', effect: 'What was masked or blocked is shown.' },
    refused: { choice: 'Leave it as it is', done: 'Left as it is', effect: 'What was masked or blocked stays so.' },
  },
  report: {
    granted: { choice: 'Uphold the report', done: 'Upheld', effect: 'The report counts against the person it is about.' },
    refused: { choice: 'Dismiss the report', done: 'Dismissed', effect: 'Nothing counts against the person it is about.' },
  },
};

export const VERDICTS = {
  confirmed: { choice: 'Confirm the decision', done: 'Confirmed', effect: 'It stays as it is.' },
  reversed: { choice: 'Reverse the decision', done: 'Reversed', effect: 'The opposite is carried out now.' },
} as const;

export const stateLabel = ({ kind, state }: Pick<ModerationCase, 'kind' | 'state'>): string =>
  state === 'waiting' ? 'Waiting' : state === 'withdrawn' ? 'Withdrawn' : OUTCOMES[kind][state].done;
