/**
 * The schema, as forward-only migrations: `user_version` counts those that ran. One that has been released is never changed.
 *
 * `user` and `thread` are small integers of this store alone; the identifiers of the wire are `user_id` and `thread_id`. An
 * inbox holds one row per delivery, so the width of its row is most of what a message costs.
 */
import type { DatabaseSync } from 'node:sqlite';
import { wordsOf } from '../../../protocol/index.ts';

export const MIGRATIONS: readonly string[] = [
  `
  CREATE TABLE meta (key TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT, WITHOUT ROWID;

  CREATE TABLE users (
    user INTEGER PRIMARY KEY,
    user_id TEXT NOT NULL UNIQUE,
    display_name TEXT NOT NULL,
    headline TEXT NOT NULL,
    avatar_url TEXT,
    time_zone TEXT,
    changed_at INTEGER NOT NULL
  ) STRICT;

  -- By the wire's identifier and without a reference: presence also knows people whom the host platform has not put yet.
  CREATE TABLE last_seen (user_id TEXT PRIMARY KEY, at INTEGER NOT NULL) STRICT, WITHOUT ROWID;

  CREATE TABLE jobs (
    job INTEGER PRIMARY KEY,
    job_id TEXT NOT NULL UNIQUE,
    client INTEGER NOT NULL REFERENCES users,
    title TEXT NOT NULL,
    description TEXT NOT NULL
  ) STRICT;

  CREATE TABLE proposals (
    proposal INTEGER PRIMARY KEY,
    proposal_id TEXT NOT NULL UNIQUE,
    job INTEGER NOT NULL REFERENCES jobs,
    client INTEGER NOT NULL REFERENCES users,
    freelancer INTEGER NOT NULL REFERENCES users,
    status TEXT NOT NULL,
    cover_letter TEXT NOT NULL,
    bid TEXT,
    submitted_at INTEGER NOT NULL,
    thread INTEGER REFERENCES threads
  ) STRICT;
  CREATE INDEX proposals_received ON proposals (client, submitted_at, proposal_id);
  CREATE INDEX proposals_sent ON proposals (freelancer, submitted_at, proposal_id);

  CREATE TABLE threads (
    thread INTEGER PRIMARY KEY,
    thread_id TEXT NOT NULL UNIQUE,
    thread_key TEXT UNIQUE,
    kind TEXT NOT NULL,
    title TEXT NOT NULL,
    -- The summary that the thread's own events told last, so that the state equals the log whatever becomes of the job.
    proposal TEXT,
    head INTEGER NOT NULL,
    last_message INTEGER,
    opened_at INTEGER NOT NULL
  ) STRICT;

  -- What the thread list sorts and counts by is kept here for each member, so that a page of the list is one index range.
  CREATE TABLE members (
    thread INTEGER NOT NULL REFERENCES threads,
    user INTEGER NOT NULL REFERENCES users,
    ordinal INTEGER NOT NULL,
    role TEXT NOT NULL,
    joined_at INTEGER NOT NULL,
    read_offset INTEGER NOT NULL,
    unread INTEGER NOT NULL,
    active_at INTEGER NOT NULL,
    thread_id TEXT NOT NULL,
    -- The last cursor.moved of this member: what was unread right after it, and when it was.
    cursor_unread INTEGER,
    cursor_at INTEGER,
    PRIMARY KEY (thread, user)
  ) STRICT, WITHOUT ROWID;
  CREATE INDEX members_list ON members (user, active_at, thread_id);

  -- A thread's log is in three tables that share its offsets. A posted message is its own event, in its present state; an
  -- edit or delete names the message it changed; events keep the rest. So a body is in one place, where it can be erased,
  -- and a page of the conversation is one range of messages and one of events.
  CREATE TABLE messages (
    thread INTEGER NOT NULL REFERENCES threads,
    offset INTEGER NOT NULL,
    sender INTEGER NOT NULL REFERENCES users,
    client_message_id TEXT NOT NULL,
    posted_at INTEGER NOT NULL,
    edited_at INTEGER,
    deleted_at INTEGER,
    -- SHA-256 of the body as it was posted, once an edit has replaced it and until a delete erases both.
    original_hash BLOB,
    body TEXT NOT NULL,
    PRIMARY KEY (thread, offset),
    UNIQUE (thread, sender, client_message_id)
  ) STRICT, WITHOUT ROWID;

  CREATE TABLE amendments (
    thread INTEGER NOT NULL REFERENCES threads,
    offset INTEGER NOT NULL,
    type TEXT NOT NULL,
    at INTEGER NOT NULL,
    message INTEGER NOT NULL,
    PRIMARY KEY (thread, offset),
    FOREIGN KEY (thread, message) REFERENCES messages (thread, offset)
  ) STRICT, WITHOUT ROWID;

  CREATE TABLE events (
    thread INTEGER NOT NULL REFERENCES threads,
    offset INTEGER NOT NULL,
    type TEXT NOT NULL,
    at INTEGER NOT NULL,
    actor INTEGER REFERENCES users,
    payload TEXT NOT NULL,
    PRIMARY KEY (thread, offset)
  ) STRICT, WITHOUT ROWID;

  CREATE TABLE interviews (
    interview_id TEXT PRIMARY KEY,
    thread INTEGER NOT NULL REFERENCES threads,
    active INTEGER NOT NULL,
    interview TEXT NOT NULL
  ) STRICT, WITHOUT ROWID;
  CREATE UNIQUE INDEX interviews_active ON interviews (thread) WHERE active;

  -- thread and offset: an event. thread and about: the cursor of that member. about alone: the profile of that user.
  CREATE TABLE inbox (
    user INTEGER NOT NULL REFERENCES users,
    position INTEGER NOT NULL,
    thread INTEGER,
    offset INTEGER,
    about INTEGER,
    PRIMARY KEY (user, position)
  ) STRICT, WITHOUT ROWID;
  CREATE UNIQUE INDEX inbox_cursors ON inbox (user, thread, about) WHERE thread IS NOT NULL AND about IS NOT NULL;
  CREATE UNIQUE INDEX inbox_profiles ON inbox (user, about) WHERE thread IS NULL;

  -- The last position that an inbox has let go, once it has. The head needs no column: it is the last position there is.
  CREATE TABLE inbox_floors (user INTEGER PRIMARY KEY REFERENCES users, floor INTEGER NOT NULL) STRICT;
  `,
  `
  -- The words of each message that is not deleted, for search: in a thread, the newest message with a word is one step away.
  CREATE TABLE words (
    thread INTEGER NOT NULL,
    word TEXT NOT NULL,
    offset INTEGER NOT NULL,
    PRIMARY KEY (thread, word, offset)
  ) STRICT, WITHOUT ROWID;
  INSERT INTO words SELECT message.thread, word.value, message.offset
    FROM messages message, json_each(words_of(message.body)) word;
  `,
  `
  CREATE TABLE contracts (
    contract_id TEXT PRIMARY KEY,
    proposal INTEGER REFERENCES proposals,
    -- Of its own, if it has one.
    thread INTEGER REFERENCES threads,
    contract TEXT NOT NULL
  ) STRICT, WITHOUT ROWID;
  CREATE INDEX contracts_of_proposal ON contracts (proposal) WHERE proposal IS NOT NULL;

  ALTER TABLE proposals ADD COLUMN manager INTEGER REFERENCES users;
  CREATE INDEX proposals_managed ON proposals (manager, submitted_at, proposal_id) WHERE manager IS NOT NULL;

  -- The contracts that the thread's own events told last, an array.
  ALTER TABLE threads ADD COLUMN contracts TEXT NOT NULL DEFAULT '[]';
  UPDATE threads SET proposal = json_set(proposal, '$.managerId', json('null')) WHERE proposal IS NOT NULL;
  UPDATE events SET payload = json_set(payload, '$.proposal.managerId', json('null'))
    WHERE type IN ('thread.opened', 'proposal.changed') AND json_type(payload, '$.proposal') = 'object';
  UPDATE events SET payload = json_set(payload, '$.contracts', json('[]')) WHERE type = 'thread.opened';
  `,
  `
  -- What the host platform is still to be told, and was: an event each, composed when it is sent.
  CREATE TABLE outbox (
    delivery INTEGER PRIMARY KEY AUTOINCREMENT,
    thread INTEGER NOT NULL REFERENCES threads,
    offset INTEGER NOT NULL,
    type TEXT NOT NULL,
    at INTEGER NOT NULL,
    status TEXT NOT NULL DEFAULT 'due',
    attempts INTEGER NOT NULL DEFAULT 0,
    -- While it is being sent, when that is taken to have failed.
    due_at INTEGER NOT NULL,
    error TEXT
  ) STRICT;
  CREATE INDEX outbox_due ON outbox (due_at, delivery) WHERE status = 'due';
  CREATE INDEX outbox_of_thread ON outbox (thread, delivery) WHERE status = 'due';
  CREATE INDEX outbox_delivered ON outbox (due_at) WHERE status = 'delivered';
  CREATE INDEX outbox_at ON outbox (at);
  `,
  `
  -- What each member keeps about a thread for themselves.
  ALTER TABLE members ADD COLUMN archived INTEGER NOT NULL DEFAULT 0;
  ALTER TABLE members ADD COLUMN favourite INTEGER NOT NULL DEFAULT 0;
  ALTER TABLE members ADD COLUMN hidden INTEGER NOT NULL DEFAULT 0;
  ALTER TABLE members ADD COLUMN marks_version INTEGER NOT NULL DEFAULT 0;
  ALTER TABLE members ADD COLUMN marks_at INTEGER;
  CREATE INDEX members_archived ON members (user, active_at, thread_id) WHERE archived = 1;
  CREATE INDEX members_favourite ON members (user, active_at, thread_id) WHERE favourite = 1;
  CREATE INDEX members_hidden ON members (user, active_at, thread_id) WHERE hidden = 1;
  -- In an inbox, thread alone: one's own marks of it.
  CREATE UNIQUE INDEX inbox_marks ON inbox (user, thread) WHERE thread IS NOT NULL AND offset IS NULL AND about IS NULL;

  -- Lists of jobs and proposals. In an inbox, offset alone: the proposal of that number, while it has no thread.
  ALTER TABLE proposals ADD COLUMN listed_at INTEGER;
  CREATE UNIQUE INDEX inbox_proposals ON inbox (user, offset) WHERE thread IS NULL AND about IS NULL;
  CREATE INDEX proposals_for_job ON proposals (job, submitted_at, proposal_id);
  CREATE INDEX proposals_of_job ON proposals (job, proposal_id);
  CREATE INDEX proposals_counted ON proposals (job, status);
  CREATE INDEX jobs_of_client ON jobs (client, job);
  `,
  `
  -- Of a message that the guard has masked: where its marks are, an array, and its original under seal.
  ALTER TABLE messages ADD COLUMN masked TEXT;
  ALTER TABLE messages ADD COLUMN seal BLOB;
  CREATE INDEX messages_sealed ON messages (thread, offset) WHERE seal IS NOT NULL;
  -- Threads whose contract has begun, and in which something may be under seal.
  CREATE TABLE releases (thread INTEGER PRIMARY KEY REFERENCES threads) STRICT;
  -- What the host platform has granted to a thread, a proposal or a client.
  CREATE TABLE exceptions (scope TEXT NOT NULL, id TEXT NOT NULL, granted TEXT NOT NULL, PRIMARY KEY (scope, id)) STRICT, WITHOUT ROWID;
  `,
  // Moderation.
  `
  -- What people decide: the record is what the wire has, and beside it what it is found by. The text is in the seal alone.
  CREATE TABLE cases (
    case_id TEXT PRIMARY KEY,
    key TEXT NOT NULL UNIQUE,
    kind TEXT NOT NULL,
    subject_id TEXT NOT NULL,
    thread_id TEXT,
    proposal_id TEXT,
    list TEXT NOT NULL,
    listed_at INTEGER NOT NULL,
    -- Decided, not yet carried out, and since when.
    effect TEXT,
    effect_at INTEGER,
    seal BLOB,
    record TEXT NOT NULL
  ) STRICT;
  CREATE INDEX cases_listed ON cases (list, listed_at, case_id);
  CREATE INDEX cases_of_kind ON cases (list, kind, listed_at, case_id);
  CREATE INDEX cases_about ON cases (subject_id, listed_at);
  CREATE INDEX cases_of_thread ON cases (thread_id, kind, listed_at) WHERE list = 'waiting';
  CREATE INDEX cases_of_proposal ON cases (proposal_id, kind, listed_at) WHERE list = 'waiting';
  CREATE INDEX cases_effects ON cases (effect_at) WHERE effect IS NOT NULL;

  CREATE TABLE blocks (
    blocker INTEGER NOT NULL REFERENCES users,
    blocked INTEGER NOT NULL REFERENCES users,
    at INTEGER NOT NULL,
    PRIMARY KEY (blocker, blocked)
  ) STRICT, WITHOUT ROWID;
  CREATE INDEX blocks_of ON blocks (blocked, blocker);

  -- A chain (../audit.ts); the details are the text that is hashed.
  CREATE TABLE audit (
    seq INTEGER PRIMARY KEY,
    at INTEGER NOT NULL,
    actor TEXT,
    action TEXT NOT NULL,
    subject TEXT NOT NULL,
    details TEXT NOT NULL,
    previous_hash TEXT NOT NULL,
    hash TEXT NOT NULL
  ) STRICT;
  CREATE TRIGGER audit_is_not_changed BEFORE UPDATE ON audit BEGIN SELECT RAISE(ABORT, 'the audit log is only appended to'); END;
  CREATE TRIGGER audit_is_not_deleted BEFORE DELETE ON audit BEGIN SELECT RAISE(ABORT, 'the audit log is only appended to'); END;

  -- When the host platform says that the account was made.
  ALTER TABLE users ADD COLUMN created_at INTEGER;
  `,
  `
  -- The first that is due of each thread leads: it alone may be taken, and is found without the others that wait behind it.
  ALTER TABLE outbox ADD COLUMN leads INTEGER NOT NULL DEFAULT 0;
  UPDATE outbox SET leads = 1 WHERE delivery IN (SELECT min(delivery) FROM outbox WHERE status = 'due' GROUP BY thread);
  DROP INDEX outbox_due;
  CREATE INDEX outbox_due ON outbox (due_at, delivery) WHERE status = 'due' AND leads = 1;
  DROP INDEX outbox_at;
  CREATE INDEX outbox_at ON outbox (at, delivery);
  -- Addresses that answered that they are gone, by the hash of each.
  CREATE TABLE outbox_stops (address TEXT PRIMARY KEY, at INTEGER NOT NULL) STRICT, WITHOUT ROWID;

  -- By what announcements find their people; no part of the profile that others see.
  ALTER TABLE users ADD COLUMN country TEXT;
  ALTER TABLE users ADD COLUMN kind TEXT;

  -- A number is never given again, so that what was put away is not taken for another announcement of the same id.
  CREATE TABLE announcements (
    announcement INTEGER PRIMARY KEY AUTOINCREMENT,
    announcement_id TEXT NOT NULL UNIQUE,
    starts_at INTEGER NOT NULL,
    -- Of one without an end, NO_END.
    ends_at INTEGER NOT NULL,
    content TEXT NOT NULL
  ) STRICT;
  CREATE INDEX announcements_by_end ON announcements (ends_at);
  CREATE TABLE dismissals (
    user INTEGER NOT NULL REFERENCES users,
    announcement INTEGER NOT NULL,
    at INTEGER NOT NULL,
    PRIMARY KEY (user, announcement)
  ) STRICT, WITHOUT ROWID;

  CREATE TABLE help_votes (
    user INTEGER NOT NULL REFERENCES users,
    note_id TEXT NOT NULL,
    helpful INTEGER NOT NULL,
    at INTEGER NOT NULL,
    PRIMARY KEY (user, note_id)
  ) STRICT, WITHOUT ROWID;
  -- Counted as they come, because there may be as many votes as people.
  CREATE TABLE help_counts (
    note_id TEXT PRIMARY KEY,
    helpful INTEGER NOT NULL,
    unhelpful INTEGER NOT NULL
  ) STRICT, WITHOUT ROWID;
  `,
  `
  -- Of a group, the thread of a proposal or contract whose contracts it follows.
  ALTER TABLE threads ADD COLUMN beside INTEGER REFERENCES threads;
  CREATE INDEX threads_beside ON threads (beside) WHERE beside IS NOT NULL;
  `,
];

/** Brings the file to this release's schema, each step in a transaction. Throws when the file is of a later release. */
export const migrate = (connection: DatabaseSync, migrations: readonly string[] = MIGRATIONS): void => {
  const { user_version: version } = connection.prepare('PRAGMA user_version').get() as { user_version: number };
  if (version > migrations.length) {
    throw new Error(
      `its schema is version ${version} and this release knows ${migrations.length}: run the release that wrote it, or a later one`,
    );
  }
  // What migrations may ask of us: the words of a text, as a JSON array.
  connection.function('words_of', { deterministic: true }, (body) => JSON.stringify(wordsOf(String(body))));
  for (const [index, migration] of migrations.entries()) {
    if (index < version) continue;
    connection.exec(`BEGIN; ${migration}; PRAGMA user_version = ${index + 1}; COMMIT`);
  }
};
