/** Fills an empty PostgreSQL store by statements of the server's own: seeded, and skewed as life is. */
import type { Client } from 'pg';

export interface Size {
  readonly messages: number;
  readonly threads: number;
  readonly users: number;
  readonly seed: number;
}

/** Entries that an inbox keeps, as the server's setting is. */
const INBOX_KEEP = 10_000;

/** A number from 0 to 1 that a key and the seed decide. */
const random = (key: string, seed: number): string =>
  `((hashtextextended(${key}, ${seed}) & 9007199254740991)::float8 / 9007199254740992)`;

/**
 * Few people have most of the threads (the square of a uniform number), and few threads most of the messages (by the power 0.7 of
 * their rank). Nine threads of ten have two members, the others up to eight. Every hundredth event is an edit.
 */
export const generateStore = async (client: Client, { messages, threads, users, seed }: Size): Promise<void> => {
  const start = 1_700_000_000_000;
  const steps = [
    `INSERT INTO users (user_id, display_name, headline, avatar_url, time_zone, changed_at)
     SELECT 'user-' || n, 'Name of user ' || n, 'Does what user ' || n || ' does', NULL, 'Europe/Lisbon', ${start}
     FROM generate_series(1, ${users}) n`,
    `CREATE TEMP TABLE sizes AS
     SELECT n AS thread, 1 + greatest(1, floor(${messages} * n ^ -0.7 / sum(n ^ -0.7) OVER ()))::integer AS head,
       ${random(`'at' || n`, seed)} AS place
     FROM generate_series(1, ${threads}) n`,
    `INSERT INTO threads (thread_id, thread_key, kind, title, head, last_message, opened_at)
     SELECT md5('thread-${seed}-' || thread)::uuid::text, 'key-' || thread, CASE WHEN thread % 10 = 0 THEN 'group' ELSE 'direct' END,
       'Thread ' || thread, head, head - CASE WHEN head % 100 = 50 THEN 1 ELSE 0 END, ${start}
     FROM sizes ORDER BY thread`,
    `CREATE TEMP TABLE member_of AS
     SELECT DISTINCT ON (thread, number) thread, number, ordinal FROM (
       SELECT thread, ordinal, 1 + floor(${users} * ${random(`'member' || thread || '-' || ordinal`, seed)} ^ 2)::integer AS number
       FROM sizes CROSS JOIN LATERAL generate_series(1, CASE WHEN thread % 10 = 0 THEN 3 + thread % 6 ELSE 2 END) ordinal
     ) drawn ORDER BY thread, number, ordinal`,
    // A person drawn twice leaves a thread with one member; their neighbour joins.
    `INSERT INTO member_of SELECT thread, min(number) % ${users} + 1, 99 FROM member_of GROUP BY thread HAVING count(*) = 1`,
    `CREATE TEMP TABLE log AS
     SELECT s.thread, n AS "offset", ${start} + floor(place * 1e9)::bigint + n * 60000::bigint AS at, n > 1 AND n % 100 = 50 AS is_edit
     FROM sizes s CROSS JOIN LATERAL generate_series(1, s.head) n`,
    `INSERT INTO members (thread, "user", ordinal, role, joined_at, read_offset, unread, active_at, thread_id)
     SELECT t.thread, m.number, m.ordinal, 'member', ${start}, CASE WHEN m.number % 3 = 0 THEN greatest(0, t.head - 5) ELSE t.head END,
       CASE WHEN m.number % 3 = 0 THEN 2 ELSE 0 END, ${start} + floor(s.place * 1e9)::bigint + t.head * 60000::bigint, t.thread_id
     FROM threads t JOIN sizes s ON s.thread = t.thread JOIN member_of m ON m.thread = t.thread`,
    `INSERT INTO events (thread, "offset", type, at, actor, payload)
     SELECT t.thread, 1, 'thread.opened', ${start}, m.number, jsonb_build_object('kind', t.kind, 'title', t.title, 'proposal', NULL,
       'members', (SELECT jsonb_agg(jsonb_build_object('userId', 'user-' || o.number, 'role', 'member', 'readOffset', 0,
         'joinedAt', ${start}) ORDER BY o.ordinal) FROM member_of o WHERE o.thread = t.thread))
     FROM threads t CROSS JOIN LATERAL (SELECT number FROM member_of o WHERE o.thread = t.thread LIMIT 1) m`,
    `INSERT INTO messages (thread, "offset", sender, client_message_id, posted_at, body, words)
     SELECT l.thread, l.offset, m.numbers[1 + l.offset % cardinality(m.numbers)], md5(l.thread || '-' || l.offset), l.at,
       repeat('Words of message ' || l.offset || '. ', 1 + (l.offset % 9)), 'words of message ' || l.offset
     FROM log l JOIN (SELECT thread, array_agg(number) AS numbers FROM member_of GROUP BY thread) m ON m.thread = l.thread
     WHERE l.offset > 1 AND NOT l.is_edit`,
    // The words of the bodies above, each once.
    `INSERT INTO words (thread, word, "offset")
     SELECT m.thread, word, m.offset FROM messages m CROSS JOIN LATERAL unnest(ARRAY['words', 'of', 'message', m.offset::text]) AS word`,
    `INSERT INTO amendments (thread, "offset", type, at, message)
     SELECT thread, "offset", 'message.edited', at, "offset" - 1 FROM log WHERE is_edit`,
    `INSERT INTO inbox ("user", position, thread, "offset")
     SELECT number, position, thread, "offset" FROM (
       SELECT m.number, row_number() OVER inbox_order AS position, count(*) OVER (PARTITION BY m.number) AS head, l.thread, l.offset
       FROM log l JOIN member_of m ON m.thread = l.thread
       WINDOW inbox_order AS (PARTITION BY m.number ORDER BY l.at, l.thread, l.offset)
     ) entries WHERE position > head - ${INBOX_KEEP}`,
    `INSERT INTO inboxes ("user", head, floor)
     SELECT u.user, coalesce(max(i.position), 0), coalesce(min(i.position) - 1, 0)
     FROM users u LEFT JOIN inbox i ON i.user = u.user GROUP BY u.user`,
    // Of each member's threads one in three is archived, one in eleven a favourite.
    `UPDATE members m SET archived = m.thread % 3 = 0, favourite = m.thread % 11 = 0, marks_version = 1, marks_at = ${start}
     WHERE m.thread % 3 = 0 OR m.thread % 11 = 0`,
    `INSERT INTO jobs (job_id, client, title, description)
     SELECT 'job-' || n, 1 + floor(${users} * ${random(`'client' || n`, seed)} ^ 2)::integer, 'Job ' || n, 'What job ' || n || ' is about.'
     FROM generate_series(1, ${Math.ceil(threads / 10)}) n`,
    `INSERT INTO proposals (proposal_id, job, client, freelancer, status, cover_letter, submitted_at)
     SELECT 'proposal-' || j.job || '-' || n, j.job, j.client,
       1 + floor(${users} * ${random(`'freelancer' || j.job || '-' || n`, seed)} ^ 2)::integer,
       (ARRAY['proposed', 'messaged', 'declined'])[1 + n % 3], 'A letter.', ${start} + n * 60000::bigint
     FROM jobs j CROSS JOIN LATERAL generate_series(1, 20) n`,
    // A receiver of webhooks that was away for long: much waits, in three threads.
    `INSERT INTO outbox (thread, "offset", type, at, due_at, leads)
     SELECT m.thread, m.offset, 'message.posted', m.posted_at, m.posted_at, m.offset = min(m.offset) OVER (PARTITION BY m.thread)
     FROM messages m WHERE m.thread <= 3 ORDER BY m.posted_at`,
    'DROP TABLE sizes, member_of, log',
  ];
  // Temporary tables have no statistics of themselves, and the planner would join them row by row.
  await client.query("SET work_mem = '256MB'; SET enable_nestloop = on");
  for (const step of steps) {
    await client.query(step);
    const made = /^CREATE TEMP TABLE (\w+)/.exec(step)?.[1];
    if (made !== undefined) await client.query(`CREATE INDEX ON ${made} (thread); ANALYZE ${made}`);
    if (step.startsWith('INSERT INTO member_of')) await client.query('ANALYZE member_of');
  }
  await client.query('VACUUM ANALYZE');
};
