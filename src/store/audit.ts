/**
 * The audit log as a chain: each entry has the hash of the one before in what its own hash covers. So nobody alters, removes, adds or
 * reorders one without every later hash being wrong; that the last ones were cut off is seen by whoever kept a later hash elsewhere.
 */
import { hash } from 'node:crypto';
import type { AuditEntry } from '../../protocol/index.ts';
import type { NewAuditEntry } from './moderation-store.ts';

/** An entry as it is stored: its details are the very text that is hashed. */
export interface AuditRow extends Omit<AuditEntry, 'details'> {
  readonly details: string;
}

export interface AuditHead {
  readonly seq: number;
  readonly hash: string;
}

/** Before the first entry. */
export const ORIGIN: AuditHead = { seq: 0, hash: '0'.repeat(64) };

/** JSON with the keys of every object sorted, and no spaces. */
export const canonical = (value: unknown): string =>
  JSON.stringify(value, (_, part: unknown) => (isPlain(part) ? sorted(part) : part));

const isPlain = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const sorted = (value: Record<string, unknown>): Record<string, unknown> =>
  Object.fromEntries(Object.entries(value).toSorted(([one], [other]) => (one < other ? -1 : 1)));

const hashOf = ({ seq, at, actor, action, subject, details, previousHash }: Omit<AuditRow, 'hash'>): string => {
  const common = [seq, at, actor, action, subject].map((part) => JSON.stringify(part)).join(',');
  return hash('sha256', `[${common},${details},${JSON.stringify(previousHash)}]`);
};

export const nextEntry = (head: AuditHead, { at, actor, action, subject, details }: NewAuditEntry): AuditRow => {
  const row = { seq: head.seq + 1, at, actor, action, subject, details: canonical(details), previousHash: head.hash };
  return { ...row, hash: hashOf(row) };
};

export const entryOf = ({ details, ...row }: AuditRow): AuditEntry => ({
  ...row,
  details: JSON.parse(details) as Record<string, unknown>,
});

export interface Verified {
  /** Where the chain ends; keep it where whoever can write to the store cannot. */
  readonly head: AuditHead;
  readonly entries: number;
  /** The first link that does not hold. */
  readonly broken: { readonly seq: number; readonly why: string } | undefined;
}

/**
 * Walks a chain in the order of its numbers, from an entry on (the first when not given), which is then believed to be where it belongs.
 * `expected` is a hash that was the head once: it must be in the log still.
 */
export const verifyChain = async (
  rows: AsyncIterable<AuditRow>,
  { from = 1, expected }: { from?: number | undefined; expected?: string | undefined } = {},
): Promise<Verified> => {
  let head: AuditHead = ORIGIN;
  let entries = 0;
  let found = expected === undefined || expected === ORIGIN.hash;
  const brokenAt = (seq: number, why: string): Verified => ({ head, entries, broken: { seq, why } });
  for await (const row of rows) {
    const isFirst = entries === 0;
    const expectedSeq = isFirst ? from : head.seq + 1;
    if (row.seq !== expectedSeq)
      return brokenAt(expectedSeq, `entry ${expectedSeq} is missing; the next one there is is ${row.seq}`);
    const previous = isFirst && from > 1 ? row.previousHash : head.hash;
    if (row.previousHash !== previous) return brokenAt(row.seq, `entry ${row.seq} does not follow on the one before it`);
    if (!isCanonical(row.details)) return brokenAt(row.seq, `the details of entry ${row.seq} are not what was written`);
    if (hashOf(row) !== row.hash) return brokenAt(row.seq, `entry ${row.seq} was changed: its hash is another one`);
    head = { seq: row.seq, hash: row.hash };
    entries += 1;
    found ||= row.hash === expected;
  }
  if (found) return { head, entries, broken: undefined };
  return brokenAt(head.seq + 1, `no entry has the hash ${expected}: the end of the log was cut off, or it was written anew`);
};

const isCanonical = (details: string): boolean => {
  try {
    return canonical(JSON.parse(details)) === details;
  } catch {
    return false;
  }
};
