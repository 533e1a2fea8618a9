import { randomUUID } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { expect, it, onTestFinished } from 'vitest';
import { job, profile, proposalFor } from '../../../test/contracts/store/fixtures.ts';
import { type Database, openDatabase } from './database.ts';
import { READS, WRITES } from './operations.ts';
import { migrate } from './schema.ts';

const newPath = (): string => {
  const folder = mkdtempSync(join(tmpdir(), 'parley-database-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  return join(folder, 'store.sqlite');
};

const open = (path: string): Database => openDatabase({ path, replayLimit: 1_000, inboxKeep: 1_000, outbox: [] });

it('[ST1] every commit is synced to a write-ahead log, and references are enforced', () => {
  const db = open(newPath());
  onTestFinished(() => db.close());
  const pragma = (name: string): unknown => Object.values(db.get<object>(`PRAGMA ${name}`)!)[0];
  const FULL = 2;
  expect(pragma('journal_mode')).toBe('wal');
  expect(pragma('synchronous')).toBe(FULL);
  expect(pragma('foreign_keys')).toBe(1);
  expect(pragma('secure_delete')).toBe(1);
});

it('[ST10] migrations run once each, in order, and one that fails leaves the file as it was before it', () => {
  const connection = new DatabaseSync(':memory:');
  onTestFinished(() => connection.close());
  const first = "CREATE TABLE steps (name TEXT) STRICT; INSERT INTO steps VALUES ('first')";
  const second = "INSERT INTO steps VALUES ('second')";
  const steps = () =>
    connection
      .prepare('SELECT name FROM steps')
      .all()
      .map(({ name }) => name);
  const version = () => connection.prepare('PRAGMA user_version').get()!.user_version;
  migrate(connection, [first]);
  migrate(connection, [first, second]);
  migrate(connection, [first, second]);
  expect(steps()).toEqual(['first', 'second']);
  expect(() => migrate(connection, [first, second, `${second}; INSERT INTO nowhere VALUES (1)`])).toThrow('nowhere');
  connection.exec('ROLLBACK');
  expect(steps()).toEqual(['first', 'second']);
  expect(version()).toBe(2);
  expect(() => migrate(connection, [first])).toThrow('its schema is version 2 and this release knows 1');
});

it('[SR8] [HF7] [MK7] a file from before there were search, contracts and marks has its messages searched, and its threads without', () => {
  const path = newPath();
  const db = open(path);
  const [userId, threadId] = ['ada', randomUUID()];
  WRITES.putUser(db, { userId, displayName: 'Ada', headline: '', avatarUrl: null, timeZone: null }, 1);
  const members = [{ userId, role: 'owner' as const }];
  WRITES.openThread(db, { threadKey: 'key', threadId, kind: 'group', title: '', members, at: 2 });
  const post = { threadId, senderId: userId, clientMessageId: randomUUID(), at: 3 };
  WRITES.postMessage(db, { ...post, body: 'An old lantern' });
  WRITES.putUser(db, profile('bob'), 4);
  WRITES.putJob(db, { ...job(userId), jobId: 'job' });
  WRITES.putProposal(db, 'proposal', proposalFor('job', 'bob'), 5);
  WRITES.openProposalThread(db, { ...post, proposalId: 'proposal', threadId: randomUUID(), body: 'Hello' });
  // Releases before told of no proposal without a thread.
  db.run('DELETE FROM inbox WHERE thread IS NULL AND about IS NULL');
  const seen = (at: Database) => [
    READS.threads(at, userId, { limit: 10 }),
    READS.since(at, userId, { epoch: at.epoch, position: 0 }),
  ];
  const before = seen(db);
  for (const sql of [
    'DROP TABLE words',
    'DROP TABLE contracts',
    'DROP TABLE outbox',
    'DROP TABLE releases',
    'DROP TABLE exceptions',
    'DROP INDEX messages_sealed',
    'ALTER TABLE messages DROP COLUMN masked',
    'ALTER TABLE messages DROP COLUMN seal',
    'DROP TABLE cases',
    'DROP TABLE blocks',
    'DROP TABLE audit',
    'DROP TABLE outbox_stops',
    'DROP TABLE announcements',
    'DROP TABLE dismissals',
    'DROP TABLE help_votes',
    'DROP TABLE help_counts',
    'ALTER TABLE users DROP COLUMN country',
    'ALTER TABLE users DROP COLUMN kind',
    'ALTER TABLE users DROP COLUMN created_at',
    'DROP INDEX proposals_managed',
    'ALTER TABLE proposals DROP COLUMN manager',
    'DROP INDEX threads_beside',
    'ALTER TABLE threads DROP COLUMN beside',
    'ALTER TABLE threads DROP COLUMN contracts',
    "UPDATE threads SET proposal = json_remove(proposal, '$.managerId') WHERE proposal IS NOT NULL",
    "UPDATE events SET payload = json_remove(payload, '$.contracts', '$.proposal.managerId')",
    'DROP INDEX members_archived',
    'DROP INDEX members_favourite',
    'DROP INDEX members_hidden',
    'DROP INDEX inbox_marks',
    'DROP INDEX inbox_proposals',
    'DROP INDEX proposals_for_job',
    'DROP INDEX proposals_of_job',
    'DROP INDEX proposals_counted',
    'DROP INDEX jobs_of_client',
    'ALTER TABLE proposals DROP COLUMN listed_at',
    ...['archived', 'favourite', 'hidden', 'marks_version', 'marks_at'].map((name) => `ALTER TABLE members DROP COLUMN ${name}`),
    'PRAGMA user_version = 1',
  ])
    db.run(sql);
  db.close();
  const opened = open(path);
  onTestFinished(() => opened.close());
  const { messages } = READS.search(opened, userId, { query: { words: ['lantern'], prefix: null }, limit: 10 });
  expect(messages).toMatchObject([{ body: 'An old lantern' }]);
  expect(seen(opened)).toEqual(before);
});

it('[ST71] a copy whose epoch was removed begins a new one, which voids the positions clients hold', () => {
  const path = newPath();
  const db = open(path);
  const { epoch } = db;
  db.run("DELETE FROM meta WHERE key = 'epoch'");
  db.close();
  const restored = open(path);
  onTestFinished(() => restored.close());
  expect(restored.epoch).not.toBe(epoch);
});
