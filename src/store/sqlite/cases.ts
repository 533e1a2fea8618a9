/** Cases of moderation. */
import type { CaseKind, ModerationCase, ThreadId, UserId } from '../../../protocol/index.ts';
import {
  type CaseChange,
  type CaseQuery,
  type CaseRow,
  casePage,
  claimedCase,
  decidedCase,
  isAscending,
  listedAt,
  noSuchCase,
  openedCase,
  reviewedCase,
  settledCase,
  startOf,
  storedOf,
  withdrawnCase,
} from '../cases.ts';
import type { ModerationStore, NewCase, StoredCase } from '../moderation-store.ts';
import { appendAudit } from './audit.ts';
import type { Database } from './database.ts';

type Argument<Name extends keyof ModerationStore> = Parameters<ModerationStore[Name]>[0];
type Changed = { case: StoredCase; changed: boolean };

const SELECT = 'SELECT case_id AS caseId, key, effect, effect_at AS effectAt, seal, record FROM cases';

type Row = Omit<CaseRow, 'record'> & { readonly record: string };

const rowOf = (row: Row): CaseRow => ({ ...row, record: JSON.parse(row.record) as ModerationCase });
const one = (db: Database, where: string, value: string): CaseRow | undefined => {
  const row = db.get<Row>(`${SELECT} WHERE ${where} = ?`, value);
  return row && rowOf(row);
};
const stored = (rows: readonly Row[]): StoredCase[] => rows.map((row) => storedOf(rowOf(row)));
const maybe = (row: CaseRow | undefined): StoredCase | undefined => row && storedOf(row);

const existing = (db: Database, caseId: string): CaseRow => {
  const row = one(db, 'case_id', caseId);
  if (row === undefined) throw noSuchCase();
  return row;
};

export const openCase = (db: Database, opened: NewCase): { case: StoredCase; created: boolean } => {
  const before = one(db, 'key', opened.key);
  if (before !== undefined) return { case: storedOf(before), created: false };
  const { entry, ...row } = openedCase(opened);
  const { record } = row;
  db.run(
    `INSERT INTO cases (case_id, key, kind, subject_id, thread_id, proposal_id, list, listed_at, seal, record)
     VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
    row.caseId,
    row.key,
    record.kind,
    record.subjectId,
    record.threadId,
    record.proposalId,
    record.list,
    listedAt(record),
    row.seal,
    JSON.stringify(record),
  );
  appendAudit(db, entry!);
  return { case: storedOf(row), created: true };
};

export const caseOf = (db: Database, caseId: string): StoredCase | undefined => maybe(one(db, 'case_id', caseId));
export const caseByKey = (db: Database, key: string): StoredCase | undefined => maybe(one(db, 'key', key));

export const waitingCases = (db: Database, threadId: ThreadId, kind: CaseKind): StoredCase[] =>
  stored(db.all<Row>(`${SELECT} WHERE thread_id = ? AND kind = ? AND list = 'waiting' ORDER BY listed_at`, threadId, kind));
export const overtakenHolds = (db: Database, limit: number): StoredCase[] =>
  stored(
    db.all<Row>(
      `${SELECT} WHERE list = 'waiting' AND kind = 'hold' AND proposal_id IS NOT NULL AND EXISTS (
         SELECT 1 FROM proposals JOIN contracts USING (proposal)
         WHERE proposals.proposal_id = cases.proposal_id AND contract ->> 'startedAt' IS NOT NULL
       ) ORDER BY listed_at LIMIT ?`,
      limit,
    ),
  );

const pageOf = (ascending: boolean, ofKind: boolean): string => {
  const [than, direction] = ascending ? ['>', 'ASC'] : ['<', 'DESC'];
  return `SELECT record FROM cases WHERE list = ?1 ${ofKind ? 'AND kind = ?5' : ''} AND (listed_at, case_id) ${than} (?2, ?3)
    ORDER BY listed_at ${direction}, case_id ${direction} LIMIT ?4`;
};

export const cases = (db: Database, query: CaseQuery): ReturnType<typeof casePage> => {
  const { list, kind, limit } = query;
  const { at, caseId } = startOf(query);
  const sql = pageOf(isAscending(list), kind !== undefined);
  const rows = db.all<{ record: string }>(sql, list, at, caseId, limit + 1, ...(kind === undefined ? [] : [kind]));
  return casePage(
    rows.map(({ record }) => JSON.parse(record) as ModerationCase),
    limit,
  );
};

export const casesAbout = (db: Database, subjectId: UserId, limit: number): ModerationCase[] =>
  db
    .all<{ record: string }>('SELECT record FROM cases WHERE subject_id = ? ORDER BY listed_at DESC LIMIT ?', subjectId, limit)
    .map(({ record }) => JSON.parse(record) as ModerationCase);

export const effectsDue = (db: Database, { before, limit }: Argument<'effectsDue'>): StoredCase[] =>
  stored(db.all<Row>(`${SELECT} WHERE effect IS NOT NULL AND effect_at < ? ORDER BY effect_at LIMIT ?`, before, limit));

/** Writes what follows, if anything does. */
const change = (db: Database, row: CaseRow, changed: CaseChange | undefined): Changed => {
  if (changed === undefined) return { case: storedOf(row), changed: false };
  const { entry, record, key, effect, effectAt } = changed;
  db.run(
    'UPDATE cases SET key = ?, list = ?, listed_at = ?, effect = ?, effect_at = ?, record = ? WHERE case_id = ?',
    key,
    record.list,
    listedAt(record),
    effect,
    effectAt,
    JSON.stringify(record),
    row.caseId,
  );
  if (entry !== undefined) appendAudit(db, entry);
  return { case: storedOf({ ...row, ...changed }), changed: true };
};

const changeWith =
  <Ask extends { caseId: string }>(follow: (row: CaseRow, ask: Ask) => CaseChange | undefined) =>
  (db: Database, ask: Ask): Changed => {
    const row = existing(db, ask.caseId);
    return change(db, row, follow(row, ask));
  };

export const decideCase: (db: Database, decision: Argument<'decideCase'>) => Changed = changeWith(decidedCase);
export const reviewCase: (db: Database, review: Argument<'reviewCase'>) => Changed = changeWith(reviewedCase);
export const withdrawCase: (db: Database, withdrawal: Argument<'withdrawCase'>) => Changed =
  changeWith<Argument<'withdrawCase'>>(withdrawnCase);
const claim = changeWith<Argument<'claimCase'>>(claimedCase);
export const claimCase = (db: Database, asked: Argument<'claimCase'>): StoredCase => claim(db, asked).case;
const settle = changeWith<Argument<'settleEffect'>>(settledCase);
export const settleEffect = (db: Database, effect: Argument<'settleEffect'>): void => {
  settle(db, effect);
};
