/** What the guard says about a text. Plain data, so that it can be stored, sent and shown. */

export const CATEGORIES = [
  'email',
  'phone',
  'handle',
  'social',
  'link',
  'meeting_link',
  'payment_offplatform',
  'move_offplatform',
  'address',
  'reward',
] as const;
export type Category = (typeof CATEGORIES)[number];

/** Where the thread stands: before a contract has started, while one runs or is paused, after all that started are over. */
export type ContractState = 'before' | 'active' | 'ended';

export type Role = 'client' | 'freelancer' | 'agency' | 'moderator';

/** A stretch of a text in UTF-16 units. `message` is the index into `earlier`, or null for the text that is inspected. */
export type Span = { message: number | null; start: number; end: number };

export type Finding = {
  category: Category;
  /** The rule's id, stable, for the audit log and for appeals: `phone.spelled`, `move.invite`. */
  rule: string;
  /** From 0 to 1; what is below `REPORTED` is not in a verdict. */
  confidence: number;
  /** At least one touches the text that is inspected. */
  spans: Span[];
  /** The words that weighed, most first; only of the learned part. */
  words?: string[];
};

export type Verdict = {
  /** One of each category and rule and place, by where they begin. Empty: nothing to say against it. */
  findings: Finding[];
};

/** The least confidence that is reported. */
export const REPORTED = 0.5;
