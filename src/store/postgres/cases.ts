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
import { appendTo } from './audit.ts';
import type { Database, Queryable } from './database.ts';

type Argument<Name extends keyof ModerationStore> = Parameters<ModerationStore[Name]>[0];
type Changed = { case: StoredCase; changed: boolean };

const SELECT = 'SELECT c.case_id AS "caseId", c.key, c.effect, c.effect_at AS "effectAt", c.seal, c.record FROM cases c';

const one = (db: Queryable, where: string, value: string): Promise<CaseRow | undefined> =>
  db.get<CaseRow>(`${SELECT} WHERE ${where}`, value);
const stored = async (rows: Promise<readonly CaseRow[]>): Promise<StoredCase[]> => (await rows).map(storedOf);
const maybe = async (row: Promise<CaseRow | undefined>): Promise<StoredCase | undefined> => {
  const found = await row;
  return found && storedOf(found);
};

const OF_KEY = 'c.key = $1';

export const openCase = (db: Database, opened: NewCase): Promise<{ case: StoredCase; created: boolean }> =>
  db.transaction(async (tx) => {
    const { entry, ...row } = openedCase(opened);
    const { record } = row;
    const inserted = await tx.get(
      `INSERT INTO cases (case_id, key, kind, subject_id, thread_id, proposal_id, list, listed_at, seal, record)
       VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10) ON CONFLICT (key) DO NOTHING RETURNING case_id`,
      row.caseId,
      row.key,
      record.kind,
      record.subjectId,
      record.threadId,
      record.proposalId,
      record.list,
      listedAt(record),
      row.seal && Buffer.from(row.seal),
      JSON.stringify(record),
    );
    if (inserted === undefined) return { case: storedOf((await one(tx, OF_KEY, opened.key))!), created: false };
    await appendTo(tx, entry!);
    return { case: storedOf(row), created: true };
  });

export const caseOf = (db: Queryable, caseId: string): Promise<StoredCase | undefined> =>
  maybe(one(db, 'c.case_id = $1', caseId));
export const caseByKey = (db: Queryable, key: string): Promise<StoredCase | undefined> => maybe(one(db, OF_KEY, key));

export const waitingCases = (db: Queryable, threadId: ThreadId, kind: CaseKind): Promise<StoredCase[]> =>
  stored(
    db.all<CaseRow>(
      `${SELECT} WHERE c.thread_id = $1 AND c.kind = $2 AND c.list = 'waiting' ORDER BY c.listed_at`,
      threadId,
      kind,
    ),
  );
export const overtakenHolds = (db: Queryable, limit: number): Promise<StoredCase[]> =>
  stored(
    db.all<CaseRow>(
      `${SELECT} WHERE c.list = 'waiting' AND c.kind = 'hold' AND c.proposal_id IS NOT NULL AND EXISTS (
         SELECT 1 FROM proposals p JOIN contracts USING (proposal)
         WHERE p.proposal_id = c.proposal_id AND contracts.contract ->> 'startedAt' IS NOT NULL
       ) ORDER BY c.listed_at LIMIT $1`,
      limit,
    ),
  );

const pageOf = (ascending: boolean, ofKind: boolean): string => {
  const [than, direction] = ascending ? ['>', 'ASC'] : ['<', 'DESC'];
  return `SELECT c.record FROM cases c WHERE c.list = $1 ${ofKind ? 'AND c.kind = $5' : ''} AND (c.listed_at, c.case_id) ${than} ($2::bigint, $3)
    ORDER BY c.listed_at ${direction}, c.case_id ${direction} LIMIT $4`;
};

export const cases = async (db: Queryable, query: CaseQuery): Promise<ReturnType<typeof casePage>> => {
  const { list, kind, limit } = query;
  const { at, caseId } = startOf(query);
  const sql = pageOf(isAscending(list), kind !== undefined);
  const rows = await db.all<{ record: ModerationCase }>(sql, list, at, caseId, limit + 1, ...(kind === undefined ? [] : [kind]));
  return casePage(
    rows.map(({ record }) => record),
    limit,
  );
};

export const casesAbout = async (db: Queryable, subjectId: UserId, limit: number): Promise<ModerationCase[]> => {
  const rows = await db.all<{ record: ModerationCase }>(
    'SELECT c.record FROM cases c WHERE c.subject_id = $1 ORDER BY c.listed_at DESC LIMIT $2',
    subjectId,
    limit,
  );
  return rows.map(({ record }) => record);
};

export const effectsDue = (db: Queryable, { before, limit }: Argument<'effectsDue'>): Promise<StoredCase[]> =>
  stored(
    db.all<CaseRow>(`${SELECT} WHERE c.effect IS NOT NULL AND c.effect_at < $1 ORDER BY c.effect_at LIMIT $2`, before, limit),
  );

const changeWith =
  <Ask extends { caseId: string }>(follow: (row: CaseRow, ask: Ask) => CaseChange | undefined) =>
  (db: Database, ask: Ask): Promise<Changed> =>
    db.transaction(async (tx) => {
      const row = await one(tx, 'c.case_id = $1 FOR UPDATE', ask.caseId);
      if (row === undefined) throw noSuchCase();
      const changed = follow(row, ask);
      if (changed === undefined) return { case: storedOf(row), changed: false };
      const { entry, record, key, effect, effectAt } = changed;
      await tx.all(
        'UPDATE cases c SET key = $2, list = $3, listed_at = $4, effect = $5, effect_at = $6, record = $7 WHERE c.case_id = $1',
        row.caseId,
        key,
        record.list,
        listedAt(record),
        effect,
        effectAt,
        JSON.stringify(record),
      );
      if (entry !== undefined) await appendTo(tx, entry);
      return { case: storedOf({ ...row, ...changed }), changed: true };
    });

export const decideCase: (db: Database, decision: Argument<'decideCase'>) => Promise<Changed> = changeWith(decidedCase);
export const reviewCase: (db: Database, review: Argument<'reviewCase'>) => Promise<Changed> = changeWith(reviewedCase);
export const withdrawCase: (db: Database, withdrawal: Argument<'withdrawCase'>) => Promise<Changed> =
  changeWith<Argument<'withdrawCase'>>(withdrawnCase);
const claim = changeWith<Argument<'claimCase'>>(claimedCase);
export const claimCase = async (db: Database, asked: Argument<'claimCase'>): Promise<StoredCase> => (await claim(db, asked)).case;
const settle = changeWith<Argument<'settleEffect'>>(settledCase);
export const settleEffect = async (db: Database, effect: Argument<'settleEffect'>): Promise<void> => {
  await settle(db, effect);
};
