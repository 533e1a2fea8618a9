/**
 * What the database does by itself, so that a write is one round trip. Locks are taken in one order everywhere: the thread, then
 * profiles, then inboxes by their number; so writes wait for each other and never in a circle.
 *
 * Each statement of a function sees what was committed when the statement began. So a row is locked first and what depends on
 * it is read by the next statement. The last migration replaces them all.
 */
export const FUNCTIONS = `
  -- Lets go of what is too much in inboxes that just filled a tenth of what is kept: two statements in many deliveries.
  CREATE OR REPLACE FUNCTION trim_inboxes(p_users integer[], p_keep integer, p_batch integer) RETURNS void LANGUAGE plpgsql AS $$
  BEGIN
    UPDATE inboxes i SET floor = greatest(i.floor, least(i.head - p_keep + p_batch, i.head - 1)) WHERE i.user = ANY (p_users);
    DELETE FROM inbox e USING inboxes i WHERE i.user = ANY (p_users) AND e.user = i.user AND e.position <= i.floor;
  END $$;

  -- Gives an entry the next position in each of these inboxes. A cursor, profile, mark or proposal takes the place of the entry before.
  CREATE OR REPLACE FUNCTION deliver(p_users integer[], p_thread integer, p_offset integer, p_about integer, p_keep integer)
  RETURNS json LANGUAGE plpgsql AS $$
  DECLARE
    batch integer := ceil(p_keep / 10.0);
    positions json;
    full_inboxes integer[];
  BEGIN
    PERFORM 1 FROM inboxes i WHERE i.user = ANY (p_users) ORDER BY i.user FOR NO KEY UPDATE;
    IF p_thread IS NULL AND p_about IS NULL THEN
      DELETE FROM inbox i WHERE i.user = ANY (p_users) AND i.offset = p_offset AND i.thread IS NULL AND i.about IS NULL;
    ELSIF p_offset IS NULL AND p_about IS NULL THEN
      DELETE FROM inbox i WHERE i.user = ANY (p_users) AND i.thread = p_thread
        AND i.thread IS NOT NULL AND i.offset IS NULL AND i.about IS NULL;
    ELSIF p_offset IS NULL AND p_thread IS NULL THEN
      DELETE FROM inbox i WHERE i.user = ANY (p_users) AND i.thread IS NULL AND i.about = p_about;
    ELSIF p_offset IS NULL THEN
      DELETE FROM inbox i WHERE i.user = ANY (p_users) AND i.thread = p_thread AND i.about = p_about
        AND i.thread IS NOT NULL AND i.about IS NOT NULL;
    END IF;
    WITH moved AS (
      UPDATE inboxes i SET head = i.head + 1 WHERE i.user = ANY (p_users) RETURNING i.user, i.head
    ), entered AS (
      INSERT INTO inbox ("user", position, thread, "offset", about)
      SELECT moved.user, moved.head, p_thread, p_offset, p_about FROM moved
    )
    SELECT coalesce(json_agg(json_build_array(u.user_id, moved.head) ORDER BY moved.user), '[]'),
      array_agg(moved.user) FILTER (WHERE moved.head % batch = 0)
    INTO positions, full_inboxes
    FROM moved JOIN users u ON u.user = moved.user;
    IF full_inboxes IS NOT NULL THEN
      PERFORM trim_inboxes(full_inboxes, p_keep, batch);
    END IF;
    RETURN positions;
  END $$;

  -- Whether the host platform is told of a type of events, as the gateway of this connection has it.
  CREATE OR REPLACE FUNCTION is_told(p_type text) RETURNS boolean LANGUAGE sql STABLE AS $$
    SELECT coalesce(p_type = ANY (string_to_array(current_setting('parley.outbox', true), ' ')), false)
  $$;

  -- The first delivery of a thread that is due. It leads, and changes only while the thread is locked.
  CREATE OR REPLACE FUNCTION first_due(p_thread integer) RETURNS bigint LANGUAGE sql STABLE AS $$
    SELECT o.delivery FROM outbox o WHERE o.thread = p_thread AND o.status = 'due' ORDER BY o.delivery LIMIT 1
  $$;

  -- An attempt that took so long that another has begun settles nothing. Given back, an attempt does not count.
  CREATE OR REPLACE FUNCTION settle_delivery(p_delivery bigint, p_attempt integer, p_status text, p_error text, p_due_at bigint)
  RETURNS void LANGUAGE plpgsql AS $$
  DECLARE
    of_thread integer;
  BEGIN
    IF p_status IN ('due', 'returned') THEN
      UPDATE outbox o SET error = CASE WHEN p_status = 'due' THEN p_error ELSE o.error END, due_at = p_due_at,
        attempts = o.attempts - CASE WHEN p_status = 'due' THEN 0 ELSE 1 END
      WHERE o.delivery = p_delivery AND o.attempts = p_attempt AND o.status = 'due';
      RETURN;
    END IF;
    SELECT o.thread INTO of_thread FROM outbox o WHERE o.delivery = p_delivery;
    PERFORM 1 FROM threads t WHERE t.thread = of_thread FOR NO KEY UPDATE;
    UPDATE outbox o SET status = p_status, error = p_error, leads = false
    WHERE o.delivery = p_delivery AND o.attempts = p_attempt AND o.status = 'due';
    UPDATE outbox o SET leads = true WHERE o.delivery = first_due(of_thread) AND NOT o.leads;
  END $$;

  -- Sends these again, of threads that the caller has locked; answers how many were not due anyway.
  CREATE OR REPLACE FUNCTION replay_deliveries(p_deliveries bigint[], p_now bigint) RETURNS integer LANGUAGE plpgsql AS $$
  DECLARE
    one bigint;
    of_thread integer;
    leader bigint;
    replayed integer := 0;
  BEGIN
    FOREACH one IN ARRAY p_deliveries LOOP
      SELECT o.thread INTO of_thread FROM outbox o WHERE o.delivery = one AND o.status <> 'due';
      CONTINUE WHEN NOT FOUND;
      leader := first_due(of_thread);
      UPDATE outbox o SET leads = false WHERE o.delivery = leader AND leader > one;
      UPDATE outbox o SET status = 'due', attempts = 0, due_at = p_now, error = NULL, leads = leader IS NULL OR leader > one
      WHERE o.delivery = one;
      replayed := replayed + 1;
    END LOOP;
    RETURN replayed;
  END $$;

  -- One that was delivered or given up; null when there is no such delivery.
  CREATE OR REPLACE FUNCTION replay_delivery(p_delivery bigint, p_now bigint) RETURNS integer LANGUAGE plpgsql AS $$
  DECLARE
    of_thread integer;
  BEGIN
    SELECT o.thread INTO of_thread FROM outbox o WHERE o.delivery = p_delivery;
    IF NOT FOUND THEN
      RETURN NULL;
    END IF;
    PERFORM 1 FROM threads t WHERE t.thread = of_thread FOR NO KEY UPDATE;
    RETURN replay_deliveries(ARRAY[p_delivery], p_now);
  END $$;

  -- The next of those that happened from a place on until a time, and the last of them when there may be more.
  CREATE OR REPLACE FUNCTION replay_since(
    p_since bigint, p_after bigint, p_until bigint, p_limit integer, p_now bigint,
    OUT replayed integer, OUT since bigint, OUT "after" bigint
  ) LANGUAGE plpgsql AS $$
  DECLARE
    page bigint[];
    ats bigint[];
    of_threads integer[];
  BEGIN
    SELECT array_agg(o.delivery ORDER BY o.at, o.delivery), array_agg(o.at ORDER BY o.at, o.delivery), array_agg(DISTINCT o.thread)
    INTO page, ats, of_threads FROM (
      SELECT i.delivery, i.thread, i.at FROM outbox i WHERE (i.at, i.delivery) > (p_since, p_after) AND i.at <= p_until
      ORDER BY i.at, i.delivery LIMIT p_limit) o;
    PERFORM 1 FROM threads t WHERE t.thread = ANY (of_threads) ORDER BY t.thread FOR NO KEY UPDATE;
    replayed := replay_deliveries(coalesce(page, '{}'), p_now);
    IF cardinality(page) = p_limit THEN
      since := ats[p_limit];
      "after" := page[p_limit];
    END IF;
  END $$;

  -- Appends an event to a thread that the caller has locked, and delivers it to those who are members now.
  CREATE OR REPLACE FUNCTION append_event(
    p_thread integer, p_actor integer, p_type text, p_at bigint, p_activity boolean, p_payload jsonb, p_message integer,
    p_keep integer, OUT at_offset integer, OUT positions json
  ) LANGUAGE plpgsql AS $$
  DECLARE
    is_post boolean := p_type = 'message.posted';
    recipients integer[];
  BEGIN
    UPDATE threads t SET head = t.head + 1, last_message = CASE WHEN is_post THEN t.head + 1 ELSE t.last_message END
    WHERE t.thread = p_thread RETURNING t.head INTO at_offset;
    IF p_activity THEN
      UPDATE members m SET active_at = p_at,
        unread = m.unread + CASE WHEN is_post AND m.user <> p_actor THEN 1 ELSE 0 END,
        hidden = m.hidden AND NOT is_post
      WHERE m.thread = p_thread;
    END IF;
    IF p_message IS NOT NULL THEN
      INSERT INTO amendments (thread, "offset", type, at, message) VALUES (p_thread, at_offset, p_type, p_at, p_message);
    ELSIF NOT is_post THEN
      INSERT INTO events (thread, "offset", type, at, actor, payload)
      VALUES (p_thread, at_offset, p_type, p_at, p_actor, p_payload);
    END IF;
    IF is_told(p_type) THEN
      INSERT INTO outbox (thread, "offset", type, at, due_at, leads)
      VALUES (p_thread, at_offset, p_type, p_at, p_at, first_due(p_thread) IS NULL);
    END IF;
    SELECT array_agg(m.user ORDER BY m.user) INTO recipients FROM members m WHERE m.thread = p_thread;
    positions := deliver(recipients, p_thread, at_offset, NULL, p_keep);
  END $$;

  -- People write in it no more; see isReadOnly.
  CREATE OR REPLACE FUNCTION is_read_only(t threads) RETURNS boolean LANGUAGE sql IMMUTABLE AS $$
    SELECT t.kind = 'proposal' AND coalesce(t.proposal ->> 'status' IN ('declined', 'closed'), false)
  $$;

  -- Another member has blocked this one, and the thread is of a kind in which that keeps them apart (../blocks.ts).
  CREATE OR REPLACE FUNCTION is_blocked(t threads, p_user integer) RETURNS boolean LANGUAGE plpgsql STABLE AS $$
  BEGIN
    RETURN t.kind IN ('direct', 'proposal') AND EXISTS (
      SELECT 1 FROM blocks b JOIN members m ON m.thread = t.thread AND m.user = b.blocker WHERE b.blocked = p_user);
  END $$;

  -- Locks a thread until the commit and then says how a person stands to it; no row for outsiders.
  CREATE OR REPLACE FUNCTION lock_membership(p_thread_id text, p_user_id text)
  RETURNS TABLE (
    thread integer, kind text, head integer, "user" integer, role text, read_offset integer, unread integer, proposal_status text,
    read_only boolean, blocked boolean
  )
  LANGUAGE plpgsql AS $$
  BEGIN
    PERFORM 1 FROM threads t WHERE t.thread_id = p_thread_id FOR NO KEY UPDATE;
    RETURN QUERY SELECT t.thread, t.kind, t.head, m.user, m.role, m.read_offset, m.unread, t.proposal ->> 'status', is_read_only(t),
        is_blocked(t, m.user)
      FROM threads t JOIN members m ON m.thread = t.thread
      WHERE t.thread_id = p_thread_id AND m.user = (SELECT u.user FROM users u WHERE u.user_id = p_user_id);
  END $$;

  -- Remembers the words of a message, given with a space between.
  CREATE OR REPLACE FUNCTION add_words(p_thread integer, p_offset integer, p_words text) RETURNS void LANGUAGE sql AS $$
    INSERT INTO words (thread, word, "offset") SELECT p_thread, word, p_offset FROM string_to_table(p_words, ' ') AS word WHERE word <> ''
  $$;

  -- What is under seal in the thread is due once one of its contracts has begun; see GuardStore.
  CREATE OR REPLACE FUNCTION make_due_if_begun(p_thread integer) RETURNS void LANGUAGE sql AS $$
    INSERT INTO releases (thread) SELECT t.thread FROM threads t
    WHERE t.thread = p_thread
      AND jsonb_path_exists(t.contracts, '$[*] ? (@.startedAt != null || @.status == "active" || @.status == "paused")')
    ON CONFLICT DO NOTHING
  $$;

  -- outcome: posted, replayed (with what is stored), not_member, read_only, blocked. With p_again a replay tells its positions as well: the first
  -- answer was lost with the connection, and nobody was told.
  CREATE OR REPLACE FUNCTION post_message(
    p_thread_id text, p_sender_id text, p_client_message_id text, p_body text, p_words text, p_at bigint, p_keep integer,
    p_again boolean, p_original_hash bytea, p_masked jsonb, p_seal bytea,
    OUT outcome text, OUT at_offset integer, OUT positions json,
    OUT body text, OUT posted_at bigint, OUT edited_at bigint, OUT deleted_at bigint, OUT original_hash bytea,
    OUT masked jsonb
  ) LANGUAGE plpgsql AS $$
  DECLARE
    member record;
  BEGIN
    SELECT * INTO member FROM lock_membership(p_thread_id, p_sender_id);
    IF NOT FOUND THEN
      outcome := 'not_member';
      RETURN;
    END IF;
    INSERT INTO messages AS m (thread, "offset", sender, client_message_id, posted_at, body, words, original_hash, masked, seal)
    SELECT member.thread, member.head + 1, member.user, p_client_message_id, p_at, p_body, p_words, p_original_hash, p_masked, p_seal
    WHERE NOT member.read_only AND NOT member.blocked
    ON CONFLICT (thread, sender, client_message_id) DO NOTHING;
    IF FOUND THEN
      outcome := 'posted';
      PERFORM add_words(member.thread, member.head + 1, p_words);
      IF p_seal IS NOT NULL THEN
        PERFORM make_due_if_begun(member.thread);
      END IF;
      SELECT e.at_offset, e.positions INTO at_offset, positions
      FROM append_event(member.thread, member.user, 'message.posted', p_at, true, NULL, NULL, p_keep) e;
      RETURN;
    END IF;
    outcome := 'replayed';
    SELECT m.offset, m.body, m.posted_at, m.edited_at, m.deleted_at, m.original_hash, m.masked
    INTO at_offset, body, posted_at, edited_at, deleted_at, original_hash, masked
    FROM messages m
    WHERE m.thread = member.thread AND m.sender = member.user AND m.client_message_id = p_client_message_id;
    IF NOT FOUND THEN
      outcome := CASE WHEN member.read_only THEN 'read_only' ELSE 'blocked' END;
      RETURN;
    END IF;
    IF p_again THEN
      SELECT json_agg(json_build_array(u.user_id, e.position) ORDER BY u.user) INTO positions
      FROM members m JOIN inboxes i ON i.user = m.user JOIN users u ON u.user = m.user
      JOIN inbox e ON e.user = m.user AND e.position > i.head - 100 AND e.thread = m.thread AND e.offset = at_offset
      WHERE m.thread = member.thread;
    END IF;
  END $$;

  -- Posts into several threads, one message each: every step is one statement for all of them. Answers
  -- [thread id, offset, positions] of those that were posted; the others (a thread that somebody else has locked, a sender
  -- who is no member, a replay) are left to post_message, so that one post never holds up or fails another.
  CREATE OR REPLACE FUNCTION post_messages(
    p_thread_ids text[], p_sender_ids text[], p_client_message_ids text[], p_bodies text[], p_words text[], p_ats bigint[],
    p_keep integer
  ) RETURNS json LANGUAGE plpgsql AS $$
  DECLARE
    batch integer := ceil(p_keep / 10.0);
    locked integer[];
    posted integer[];
    offsets integer[];
    senders integer[];
    ats bigint[];
    recipients integer[];
    full_inboxes integer[];
    answer json;
  BEGIN
    locked := ARRAY(
      SELECT t.thread FROM threads t WHERE t.thread_id = ANY (p_thread_ids) ORDER BY t.thread FOR NO KEY UPDATE SKIP LOCKED
    );
    WITH written AS (
      INSERT INTO messages AS m (thread, "offset", sender, client_message_id, posted_at, body, words)
      SELECT t.thread, t.head + 1, own.user, p.client_message_id, p.at, p.body, p.words
      FROM unnest(p_thread_ids, p_sender_ids, p_client_message_ids, p_bodies, p_words, p_ats)
        AS p (thread_id, sender_id, client_message_id, body, words, at)
      JOIN threads t ON t.thread_id = p.thread_id
      JOIN users u ON u.user_id = p.sender_id
      JOIN members own ON own.thread = t.thread AND own.user = u.user
      WHERE t.thread = ANY (locked) AND NOT is_read_only(t) AND NOT is_blocked(t, own.user)
      ON CONFLICT (thread, sender, client_message_id) DO NOTHING
      RETURNING m.thread, m.offset, m.sender, m.posted_at, m.words
    ), indexed AS (
      INSERT INTO words (thread, word, "offset")
      SELECT w.thread, word, w.offset FROM written w CROSS JOIN LATERAL string_to_table(w.words, ' ') AS word WHERE word <> ''
    )
    SELECT array_agg(w.thread), array_agg(w.offset), array_agg(w.sender), array_agg(w.posted_at)
    INTO posted, offsets, senders, ats FROM written w;
    IF posted IS NULL THEN
      RETURN '[]';
    END IF;
    UPDATE threads t SET head = t.head + 1, last_message = t.head + 1 WHERE t.thread = ANY (posted);
    UPDATE members m SET active_at = w.at, unread = m.unread + CASE WHEN m.user <> w.sender THEN 1 ELSE 0 END, hidden = false
    FROM unnest(posted, senders, ats) AS w (thread, sender, at) WHERE m.thread = w.thread;
    IF is_told('message.posted') THEN
      INSERT INTO outbox (thread, "offset", type, at, due_at, leads)
      SELECT w.thread, w.at_offset, 'message.posted', w.at, w.at, first_due(w.thread) IS NULL
      FROM unnest(posted, offsets, ats) AS w (thread, at_offset, at);
    END IF;
    recipients := ARRAY(SELECT DISTINCT m.user FROM members m WHERE m.thread = ANY (posted));
    PERFORM 1 FROM inboxes i WHERE i.user = ANY (recipients) ORDER BY i.user FOR NO KEY UPDATE;
    WITH entered AS (
      INSERT INTO inbox AS e ("user", position, thread, "offset", about)
      SELECT m.user, i.head + row_number() OVER (PARTITION BY m.user ORDER BY w.thread), w.thread, w.at_offset, NULL
      FROM unnest(posted, offsets) AS w (thread, at_offset)
      JOIN members m ON m.thread = w.thread
      JOIN inboxes i ON i.user = m.user
      RETURNING e.user, e.position, e.thread, e.offset
    ), moved AS (
      UPDATE inboxes i SET head = last.head
      FROM (SELECT e.user, max(e.position) AS head, min(e.position) AS first FROM entered e GROUP BY e.user) last
      WHERE i.user = last.user
      RETURNING i.user, i.head, last.first
    ), told AS (
      SELECT e.thread, e.offset, json_agg(json_build_array(u.user_id, e.position) ORDER BY e.user) AS positions
      FROM entered e JOIN users u ON u.user = e.user GROUP BY e.thread, e.offset
    )
    SELECT
      (SELECT json_agg(json_build_array(t.thread_id, told.offset, told.positions))
        FROM told JOIN threads t ON t.thread = told.thread),
      (SELECT array_agg(moved.user) FROM moved WHERE moved.head / batch > (moved.first - 1) / batch)
    INTO answer, full_inboxes;
    IF full_inboxes IS NOT NULL THEN
      PERFORM trim_inboxes(full_inboxes, p_keep, batch);
    END IF;
    RETURN answer;
  END $$;

  -- An edit with a body, a delete without. outcome: changed, unchanged, not_member, not_found, forbidden, gone, read_only, blocked.
  CREATE OR REPLACE FUNCTION amend_message(
    p_thread_id text, p_actor_id text, p_offset bigint, p_body text, p_words text, p_at bigint, p_keep integer,
    p_masked jsonb, p_seal bytea,
    OUT outcome text, OUT at_offset integer, OUT positions json,
    OUT client_message_id text, OUT body text, OUT posted_at bigint, OUT edited_at bigint, OUT deleted_at bigint,
    OUT masked jsonb
  ) LANGUAGE plpgsql AS $$
  DECLARE
    member record;
    author integer;
    original bytea;
    old_words text;
    old_word text;
  BEGIN
    SELECT * INTO member FROM lock_membership(p_thread_id, p_actor_id);
    IF NOT FOUND THEN
      outcome := 'not_member';
      RETURN;
    END IF;
    SELECT m.sender, m.original_hash, m.words, m.client_message_id, m.body, m.posted_at, m.edited_at, m.deleted_at, m.masked
    INTO author, original, old_words, client_message_id, body, posted_at, edited_at, deleted_at, masked
    FROM messages m WHERE m.thread = member.thread AND m.offset = p_offset;
    outcome := CASE
      WHEN NOT FOUND THEN 'not_found'
      WHEN author <> member.user THEN 'forbidden'
      WHEN deleted_at IS NOT NULL THEN CASE WHEN p_body IS NULL THEN 'unchanged' ELSE 'gone' END
      -- The same marks may have something else under them.
      WHEN body = p_body AND p_seal IS NULL THEN 'unchanged'
      WHEN member.read_only THEN 'read_only'
      WHEN member.blocked AND p_body IS NOT NULL THEN 'blocked'
      ELSE 'changed' END;
    IF outcome <> 'changed' THEN
      RETURN;
    END IF;
    -- One by one: given all at once the planner looks for the offset among all words of the thread.
    FOREACH old_word IN ARRAY string_to_array(old_words, ' ') LOOP
      DELETE FROM words w WHERE w.thread = member.thread AND w.word = old_word AND w.offset = p_offset;
    END LOOP;
    PERFORM add_words(member.thread, p_offset::integer, p_words);
    masked := p_masked;
    IF p_body IS NULL THEN
      body := '';
      deleted_at := p_at;
      UPDATE messages m SET body = '', words = '', original_hash = NULL, masked = NULL, seal = NULL, deleted_at = p_at
      WHERE m.thread = member.thread AND m.offset = p_offset;
      UPDATE members m SET unread = m.unread - 1
      WHERE m.thread = member.thread AND m.user <> member.user AND m.read_offset < p_offset;
    ELSE
      original := coalesce(original, sha256(convert_to(body, 'UTF8')));
      body := p_body;
      edited_at := p_at;
      UPDATE messages m SET body = p_body, words = p_words, edited_at = p_at, original_hash = original, masked = p_masked, seal = p_seal
      WHERE m.thread = member.thread AND m.offset = p_offset;
      IF p_seal IS NOT NULL THEN
        PERFORM make_due_if_begun(member.thread);
      END IF;
    END IF;
    SELECT e.at_offset, e.positions INTO at_offset, positions
    FROM append_event(member.thread, member.user,
      CASE WHEN p_body IS NULL THEN 'message.deleted' ELSE 'message.edited' END, p_at, false, NULL, p_offset::integer, p_keep) e;
  END $$;

  -- Puts the original in place of the marks, while the seal is the one that was opened; no row otherwise.
  CREATE OR REPLACE FUNCTION release_message(
    p_thread_id text, p_offset integer, p_seal bytea, p_body text, p_words text, p_at bigint, p_keep integer
  ) RETURNS TABLE (
    at_offset integer, positions json, sender_id text, client_message_id text, posted_at bigint, edited_at bigint
  ) LANGUAGE plpgsql AS $$
  DECLARE
    thread_row integer;
    old_words text;
    old_word text;
  BEGIN
    SELECT t.thread INTO thread_row FROM threads t WHERE t.thread_id = p_thread_id FOR NO KEY UPDATE;
    SELECT m.words, u.user_id, m.client_message_id, m.posted_at, m.edited_at
    INTO old_words, sender_id, client_message_id, posted_at, edited_at
    FROM messages m JOIN users u ON u.user = m.sender
    WHERE m.thread = thread_row AND m.offset = p_offset AND m.seal = p_seal;
    IF NOT FOUND THEN
      RETURN;
    END IF;
    FOREACH old_word IN ARRAY string_to_array(old_words, ' ') LOOP
      DELETE FROM words w WHERE w.thread = thread_row AND w.word = old_word AND w.offset = p_offset;
    END LOOP;
    PERFORM add_words(thread_row, p_offset, p_words);
    UPDATE messages m SET body = p_body, words = p_words, masked = NULL, seal = NULL
    WHERE m.thread = thread_row AND m.offset = p_offset;
    SELECT e.at_offset, e.positions INTO at_offset, positions
    FROM append_event(thread_row, NULL, 'message.released', p_at, false, NULL, p_offset, p_keep) e;
    RETURN NEXT;
  END $$;

  -- The different words of a thread that begin so: a step of the index each, however often they occur.
  CREATE OR REPLACE FUNCTION words_from(p_thread integer, p_prefix text, p_end text, p_most integer) RETURNS text[]
  LANGUAGE sql STABLE AS $$
    WITH RECURSIVE beginning (word) AS (
      (SELECT w.word FROM words w WHERE w.thread = p_thread AND w.word >= p_prefix AND w.word < p_end ORDER BY w.word LIMIT 1)
      UNION ALL
      SELECT (SELECT w.word FROM words w WHERE w.thread = p_thread AND w.word > b.word AND w.word < p_end ORDER BY w.word LIMIT 1)
      FROM beginning b WHERE b.word IS NOT NULL
    )
    SELECT ARRAY(SELECT b.word FROM beginning b WHERE b.word IS NOT NULL LIMIT p_most)
  $$;

  -- A function, so that the planner cannot look for the offset among all words of the thread.
  CREATE OR REPLACE FUNCTION has_word(p_thread integer, p_word text, p_offset integer) RETURNS boolean LANGUAGE plpgsql STABLE AS $$
  BEGIN
    RETURN EXISTS (SELECT 1 FROM words w WHERE w.thread = p_thread AND w.word = p_word AND w.offset = p_offset);
  END $$;

  -- Thread by thread, the most recently active first, in each the newest message first, from a place on. The first of p_words leads
  -- to candidates in the order of the index; without words those are merged that have a word with the prefix. Answers the rows of the
  -- messages and where to go on: thread, its activity, and an offset, 1 when the thread was looked through.
  CREATE OR REPLACE FUNCTION search_messages(
    p_user integer, p_words text[], p_prefix text, p_prefix_end text, p_active_at bigint, p_thread_id text, p_before bigint,
    p_threads integer, p_candidates integer, p_beginnings integer, p_limit integer,
    OUT found_threads integer[], OUT found_offsets integer[], OUT looked_into integer,
    OUT last_thread_id text, OUT last_active_at bigint, OUT last_before integer
  ) LANGUAGE plpgsql STABLE AS $$
  DECLARE
    mine record;
    bound bigint;
    wanted integer := p_limit;
    beginnings text[];
    candidates integer[];
    hits integer[];
  BEGIN
    found_threads := '{}';
    found_offsets := '{}';
    looked_into := 0;
    FOR mine IN
      SELECT m.thread, m.thread_id, m.active_at FROM members m
      WHERE m.user = p_user AND (m.active_at, m.thread_id) <= (p_active_at, p_thread_id)
      ORDER BY m.active_at DESC, m.thread_id DESC LIMIT p_threads
    LOOP
      looked_into := looked_into + 1;
      last_thread_id := mine.thread_id;
      last_active_at := mine.active_at;
      last_before := 1;
      bound := CASE WHEN mine.thread_id = p_thread_id THEN p_before ELSE 2147483647 END;
      IF p_prefix IS NOT NULL THEN
        beginnings := words_from(mine.thread, p_prefix, p_prefix_end, p_beginnings);
        CONTINUE WHEN cardinality(beginnings) = 0;
      END IF;
      candidates := NULL;
      IF cardinality(p_words) = 0 THEN
        hits := ARRAY(
          SELECT DISTINCT newest.offset FROM unnest(beginnings) AS b (word) CROSS JOIN LATERAL (
            SELECT w.offset FROM words w WHERE w.thread = mine.thread AND w.word = b.word AND w.offset < bound
            ORDER BY w.offset DESC LIMIT wanted) newest
          ORDER BY newest.offset DESC LIMIT wanted);
      ELSE
        candidates := ARRAY(
          SELECT w.offset FROM words w WHERE w.thread = mine.thread AND w.word = p_words[1] AND w.offset < bound
          ORDER BY w.offset DESC LIMIT p_candidates);
        hits := candidates;
        IF cardinality(p_words) > 1 OR p_prefix IS NOT NULL THEN
          hits := ARRAY(
            SELECT c.at_offset FROM unnest(candidates) AS c (at_offset)
            WHERE NOT EXISTS (
                SELECT 1 FROM unnest(p_words[2:]) AS other (word) WHERE NOT has_word(mine.thread, other.word, c.at_offset))
              AND (p_prefix IS NULL OR EXISTS (
                SELECT 1 FROM unnest(beginnings) AS b (word) WHERE has_word(mine.thread, b.word, c.at_offset)))
            ORDER BY c.at_offset DESC LIMIT wanted);
        END IF;
        hits := hits[:wanted];
      END IF;
      CONTINUE WHEN cardinality(hits) = 0 AND coalesce(cardinality(candidates), 0) < p_candidates;
      found_threads := found_threads || array_fill(mine.thread, ARRAY[cardinality(hits)]);
      found_offsets := found_offsets || hits;
      wanted := wanted - cardinality(hits);
      IF wanted = 0 THEN
        last_before := hits[cardinality(hits)];
        EXIT;
      ELSIF cardinality(candidates) = p_candidates THEN
        last_before := candidates[p_candidates];
        EXIT;
      END IF;
    END LOOP;
  END $$;

  -- No row for outsiders; no positions when the cursor stays where it was.
  CREATE OR REPLACE FUNCTION move_cursor(p_thread_id text, p_user_id text, p_read_offset bigint, p_at bigint, p_keep integer)
  RETURNS TABLE (read_offset integer, unread integer, positions json) LANGUAGE plpgsql AS $$
  DECLARE
    member record;
    recipients integer[];
  BEGIN
    SELECT * INTO member FROM lock_membership(p_thread_id, p_user_id);
    IF NOT FOUND THEN
      RETURN;
    END IF;
    IF p_read_offset <= member.read_offset OR p_read_offset > member.head THEN
      RETURN QUERY SELECT member.read_offset, member.unread, NULL::json;
      RETURN;
    END IF;
    -- Counts what is left to read, which for most readers is nothing.
    read_offset := p_read_offset;
    SELECT count(*) INTO unread FROM messages m
    WHERE m.thread = member.thread AND m.offset > p_read_offset AND m.sender <> member.user AND m.deleted_at IS NULL;
    UPDATE members m SET read_offset = p_read_offset, unread = move_cursor.unread, cursor_unread = move_cursor.unread,
      cursor_at = p_at
    WHERE m.thread = member.thread AND m.user = member.user;
    SELECT array_agg(m.user ORDER BY m.user) INTO recipients FROM members m WHERE m.thread = member.thread;
    positions := deliver(recipients, member.thread, NULL, member.user, p_keep);
    RETURN NEXT;
  END $$;
`;
