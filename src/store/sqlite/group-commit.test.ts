import { expect, it, onTestFinished } from 'vitest';
import { type Database, openDatabase } from './database.ts';
import { isOutage } from './failures.ts';
import { CommitFailed, createGroupCommit, type Outcome } from './group-commit.ts';

const open = (): Database => {
  const db = openDatabase({ path: ':memory:', replayLimit: 1_000, inboxKeep: 1_000, outbox: [] });
  onTestFinished(() => db.close());
  return db;
};

const insert =
  (db: Database, key: string, value = '') =>
  () =>
    db.run('INSERT INTO meta (key, value) VALUES (?, ?)', key, value);

const keys = (db: Database): string[] =>
  db.all<{ key: string }>("SELECT key FROM meta WHERE key <> 'epoch' ORDER BY key").map(({ key }) => key);

const errorOf = (outcome: Outcome | undefined): unknown => outcome && 'error' in outcome && outcome.error;

it('[ST9] a write that throws half way leaves nothing, and its neighbours in the group are stored', () => {
  const db = open();
  const half = (): never => {
    insert(db, 'half')();
    throw new Error('Refused.');
  };
  const outcomes = createGroupCommit(db).commit([insert(db, 'one'), half, insert(db, 'two')]);
  expect(outcomes).toEqual([{ value: 1 }, { error: new Error('Refused.') }, { value: 1 }]);
  expect(keys(db)).toEqual(['one', 'two']);
});

it('[ST9] when the commit fails no write of the group has happened, and the next group is not harmed', () => {
  const db = open();
  const group = createGroupCommit(db);
  const failsAtCommit = (): void => {
    db.run('PRAGMA defer_foreign_keys = ON');
    db.run("INSERT INTO jobs (job_id, client, title, description) VALUES ('job', 999, '', '')");
  };
  const outcomes = group.commit([insert(db, 'one'), failsAtCommit, insert(db, 'two')]);
  expect(outcomes.map((outcome) => errorOf(outcome) instanceof CommitFailed)).toEqual([true, true, true]);
  expect(keys(db)).toEqual([]);
  expect(group.commit([insert(db, 'three')])).toEqual([{ value: 1 }]);
  expect(keys(db)).toEqual(['three']);
  expect(group.stats()).toEqual({ commits: 1, writes: 1 });
});

it('[ST9] on a full disk the writes that report success are stored and the others are not', () => {
  const db = open();
  const { page_count: pages } = db.get<{ page_count: number }>('PRAGMA page_count')!;
  db.all(`PRAGMA max_page_count = ${pages + 4}`);
  const wide = 'x'.repeat(100_000);
  const outcomes = createGroupCommit(db).commit([insert(db, 'one'), insert(db, 'wide', wide), insert(db, 'two')]);
  const error = errorOf(outcomes[1]);
  expect(error instanceof CommitFailed || isOutage(error)).toBe(true);
  const stored = ['one', 'wide', 'two'].filter((_, index) => 'value' in outcomes[index]!);
  expect(keys(db)).toEqual(stored);
});
