/** What people are told of what the guard found: what it is, what becomes of it, and what to do instead. Pure. */
import type { GuardAction, GuardCategory, GuardFinding } from '../../../protocol/index.ts';

/** What is under a mark. */
export const CATEGORY_TEXT: Readonly<Record<GuardCategory, string>> = {
  email: 'e-mail address',
  phone: 'telephone number',
  handle: 'name on a messenger',
  social: 'profile elsewhere',
  link: 'link',
  meeting_link: 'meeting link',
  payment_offplatform: 'payment outside the contract',
  move_offplatform: 'way to write elsewhere',
  address: 'street address',
  reward: 'reward for the award',
};

/** Goes on after the words in question: “…” looks like an e-mail address. */
const REASON_TEXT: Readonly<Record<GuardCategory, string>> = {
  email: 'looks like an e-mail address.',
  phone: 'looks like a telephone number.',
  handle: 'looks like a name on another messenger.',
  social: 'looks like a profile elsewhere.',
  link: 'looks like a link to contact details.',
  meeting_link: 'looks like a meeting elsewhere.',
  payment_offplatform: 'sounds like paying outside the contract.',
  move_offplatform: 'sounds like moving the conversation elsewhere.',
  address: 'looks like a street address.',
  reward: 'sounds like a reward for the award of the job.',
};

export type Taken = Exclude<GuardAction, 'allow'>;

export const reasonText = (category: GuardCategory, { several = false } = {}): string =>
  several ? REASON_TEXT[category].replace(/^(look|sound)s/, '$1') : REASON_TEXT[category];

/** What becomes of a text that is not sent yet. */
export const OUTCOME_TEXT: Readonly<Record<Taken, string>> = {
  warn: 'Please confirm this before it is sent',
  mask: 'Part of this will be hidden until the contract starts',
  hold: 'A moderator sees this message first',
  block: 'This cannot be sent here',
};

/** The same of one part of a text, beside what becomes of the whole. */
export const ALSO_TEXT: Readonly<Record<Taken, string>> = {
  warn: 'It is to be confirmed.',
  mask: 'It will be hidden until the contract starts.',
  hold: 'A moderator sees it first.',
  block: 'It cannot be sent here.',
};

/** From the strictest to the mildest. */
const STRICTEST_FIRST: readonly Taken[] = ['block', 'hold', 'mask', 'warn'];

export interface Notice {
  readonly category: GuardCategory;
  readonly action: Taken;
  /** The words in question as they were written, each once; none where they are all in messages before. */
  readonly words: readonly string[];
  /** It is found only together with what was written before. */
  readonly together: boolean;
  readonly advice: string;
}

/** What was found, the strictest first, one of each category and action; what is allowed is left out. */
export const noticesOf = (findings: readonly GuardFinding[], text: string): Notice[] =>
  STRICTEST_FIRST.flatMap((action) => {
    const taken = findings.filter((finding) => finding.action === action);
    return [...Map.groupBy(taken, ({ category }) => category)].map(([category, alike]): Notice => {
      const spans = alike.flatMap((finding) => finding.spans);
      const here = spans.flatMap(({ message, start, end }) => (message === null ? [text.slice(start, end)] : []));
      return {
        category,
        action,
        words: [...new Set(here.map(shortened))].filter((words) => words !== ''),
        together: spans.some(({ message }) => message !== null),
        advice: alike[0]?.advice ?? '',
      };
    });
  });

/** What decides about the whole text; null when all of it is allowed. */
export const strictestOf = (notices: readonly Notice[]): Taken | null => notices[0]?.action ?? null;

/** For those who do not see it; without the words, which change with each key. */
export const saidOf = (notices: readonly Notice[]): string => {
  const action = strictestOf(notices);
  if (action === null) return '';
  return `${OUTCOME_TEXT[action]}: ${notices.map(({ category, advice }) => `${CATEGORY_TEXT[category]}. ${advice}`).join(' ')}`;
};

const LONGEST_WORDS = 60;

const shortened = (words: string): string => {
  const line = words.replace(/\s+/gu, ' ').trim();
  return line.length > LONGEST_WORDS
    ? `${line
        .slice(0, LONGEST_WORDS - 1)
        .toWellFormed()
        .trimEnd()}…`
    : line;
};
