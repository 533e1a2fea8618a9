/** What becomes of what the guard finds: a setting of its own, because it is a table and not a value. */
import { z } from 'zod';

/** The protocol's categories (protocol/guard.ts). */
export const POLICY_CATEGORIES = [
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
type Category = (typeof POLICY_CATEGORIES)[number];

/** From the mildest to the strictest. `warn`: the sender confirms. `mask`: sent with the span hidden. `hold`: a moderator sees it first. */
export const ACTIONS = ['allow', 'warn', 'mask', 'hold', 'block'] as const;
export type Action = (typeof ACTIONS)[number];

const byCategory = (actions: Record<Category, Action>) =>
  z
    .strictObject(
      Object.fromEntries(POLICY_CATEGORIES.map((category) => [category, z.enum(ACTIONS).default(actions[category])])) as Record<
        Category,
        z.ZodDefault<z.ZodEnum<{ [Each in Action]: Each }>>
      >,
    )
    .prefault({});

const everywhere = (action: Action): Record<Category, Action> =>
  Object.fromEntries(POLICY_CATEGORIES.map((category) => [category, action])) as Record<Category, Action>;

const BEFORE: Record<Category, Action> = {
  ...everywhere('mask'),
  payment_offplatform: 'block',
  move_offplatform: 'block',
  reward: 'block',
};

/** Safe by default: contact data is masked before the contract, payments, moves and rewards are refused; afterwards all is allowed. */
export const Policy = z.strictObject({
  before: byCategory(BEFORE),
  active: byCategory(everywhere('allow')),
  ended: byCategory(everywhere('allow')),
  /** A finding less sure than this is at most warned of. 0 to 1. */
  certainFrom: z.number().min(0).max(1).default(0.7),
  /** The same of what the learned part found by itself: words weigh, and no rule says why. */
  certainLearnedFrom: z.number().min(0).max(1).default(0.8),
  /** Of the learned part alone, less sure than this is let through. At 0.57 all that it finds is at least warned of. */
  heedLearnedFrom: z.number().min(0).max(1).default(0.57),
  /** Of clients with an enterprise agreement these categories are allowed. */
  enterprise: z
    .array(z.enum(POLICY_CATEGORIES))
    .default(['email', 'phone', 'link', 'meeting_link', 'address', 'handle', 'social']),
});
export type Policy = z.infer<typeof Policy>;

export const DEFAULT_POLICY: Policy = Policy.parse({});
