/** What the host platform asks the guard about: profiles, job posts, proposals, invitations, or anything else that people write before a contract. */
import { z } from 'zod';
import { ContractState } from './contracts.ts';
import { text } from './ids.ts';
import { MAX_STORED_BODY_LENGTH } from './limits.ts';

export const GuardCategory = z.enum([
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
]);

/** Who writes, as far as the rules for them differ. */
export const SpeakerRole = z.enum(['client', 'freelancer', 'agency', 'moderator']);

/** What the host platform grants to a thread, a proposal or a client. */
export const GuardExceptions = z.object({
  /** The client has an enterprise agreement: contact data is fine. */
  enterprise: z.boolean().default(false),
  /** Legal papers are exchanged: an e-mail address and a postal address may be given. */
  legalDocuments: z.boolean().default(false),
  /** An address is needed for access to a system while the work is scoped. */
  systemAccess: z.boolean().default(false),
  /** Links to these hosts, and to those below them, are fine. */
  allowedHosts: z.array(z.string().min(1).max(253)).max(100).default([]),
});

export const GuardCheck = z.object({
  text: text(20_000).min(1),
  /** What the same person wrote just before, oldest first: numbers and addresses in pieces are put together. */
  earlier: z.array(text(MAX_STORED_BODY_LENGTH)).max(10).default([]),
  /** From the contract's beginning on everything is let through. */
  contract: ContractState.default('before'),
  role: SpeakerRole.default('freelancer'),
  exceptions: GuardExceptions.prefault({}),
});

/** From the mildest to the strictest. `warn`: the writer confirms. `mask`: shown with the span hidden. `hold`: a moderator sees it first. */
export const GuardAction = z.enum(['allow', 'warn', 'mask', 'hold', 'block']);

export const GuardFinding = z.object({
  category: GuardCategory,
  /** The rule that found it; stays the same from release to release. */
  rule: z.string(),
  /** 0 to 1. */
  confidence: z.number(),
  /** Where, in UTF-16 units; `message` is the index into `earlier`, null for the text itself. */
  spans: z.array(z.object({ message: z.int().nullable(), start: z.int(), end: z.int() })),
  /** The words that weighed, of the learned part alone. */
  words: z.array(z.string()).optional(),
  action: GuardAction,
  /** For the person who wrote it: what to do instead. */
  advice: z.string(),
});

export const GuardVerdict = z.object({
  /** The strictest of all findings, by the default policy. */
  action: GuardAction,
  findings: z.array(GuardFinding),
  /** The text with marks over what is to be masked; as it came when nothing is. */
  masked: z.string(),
});

export type SpeakerRole = z.infer<typeof SpeakerRole>;
export type GuardExceptions = z.output<typeof GuardExceptions>;
export type GuardAction = z.infer<typeof GuardAction>;
export type GuardFinding = z.infer<typeof GuardFinding>;
export type GuardCategory = z.infer<typeof GuardCategory>;
export type GuardCheck = z.output<typeof GuardCheck>;
export type GuardVerdict = z.infer<typeof GuardVerdict>;
