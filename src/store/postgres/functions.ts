/**
 * What the database does by itself, so that a write is one round trip. Locks are taken in one order everywhere: the thread, then
 * profiles, then inboxes by their number; so writes wait for each other and never in a circle.
 *
 * Each statement of a function sees what was committed when the statement began. So a row is locked first and what depends on
 * it is read by the next statement.
 */
export const FUNCTIONS = `
  -- Lets go of what is too much in inboxes that just filled a tenth of what is kept: two statements in many deliveries.
  CREATE FUNCTION trim_inboxes(p_users integer[], p_keep integer, p_batch integer) RETURNS void LANGUAGE plpgsql AS $$
  BEGIN
    UPDATE inboxes i SET floor = greatest(i.floor, least(i.head - p_keep + p_batch, i.head - 1)) WHERE i.user = ANY (p_users);
    DELETE FROM inbox e USING inboxes i WHERE i.user = ANY (p_users) AND e.user = i.user AND e.position <= i.floor;
  END $$;

  -- Gives an entry the next position in each of these inboxes. A cursor or profile takes the place of the entry before.
  CREATE FUNCTION deliver(p_users integer[], p_thread integer, p_offset integer, p_about integer, p_keep integer)
  RETURNS json LANGUAGE plpgsql AS $$
  DECLARE
    batch integer := ceil(p_keep / 10.0);
    positions json;
    full_inboxes integer[];
  BEGIN
    PERFORM 1 FROM inboxes i WHERE i.user = ANY (p_users) ORDER BY i.user FOR NO KEY UPDATE;
    IF p_offset IS NULL AND p_thread IS NULL THEN
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

  -- Appends an event to a thread that the caller has locked, and delivers it to those who are members now.
  CREATE FUNCTION append_event(
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
        unread = m.unread + CASE WHEN is_post AND m.user <> p_actor THEN 1 ELSE 0 END
      WHERE m.thread = p_thread;
    END IF;
    IF p_message IS NOT NULL THEN
      INSERT INTO amendments (thread, "offset", type, at, message) VALUES (p_thread, at_offset, p_type, p_at, p_message);
    ELSIF NOT is_post THEN
      INSERT INTO events (thread, "offset", type, at, actor, payload)
      VALUES (p_thread, at_offset, p_type, p_at, p_actor, p_payload);
    END IF;
    SELECT array_agg(m.user ORDER BY m.user) INTO recipients FROM members m WHERE m.thread = p_thread;
    positions := deliver(recipients, p_thread, at_offset, NULL, p_keep);
  END $$;

  -- Locks a thread until the commit and then says how a person stands to it; no row for outsiders.
  CREATE FUNCTION lock_membership(p_thread_id text, p_user_id text)
  RETURNS TABLE (thread integer, kind text, head integer, "user" integer, role text, read_offset integer, unread integer)
  LANGUAGE plpgsql AS $$
  BEGIN
    PERFORM 1 FROM threads t WHERE t.thread_id = p_thread_id FOR NO KEY UPDATE;
    RETURN QUERY SELECT t.thread, t.kind, t.head, m.user, m.role, m.read_offset, m.unread
      FROM threads t JOIN members m ON m.thread = t.thread
      WHERE t.thread_id = p_thread_id AND m.user = (SELECT u.user FROM users u WHERE u.user_id = p_user_id);
  END $$;

  -- outcome: posted, replayed (with what is stored), not_member. With p_again a replay tells its positions as well: the first
  -- answer was lost with the connection, and nobody was told.
  CREATE FUNCTION post_message(
    p_thread_id text, p_sender_id text, p_client_message_id text, p_body text, p_at bigint, p_keep integer, p_again boolean,
    OUT outcome text, OUT at_offset integer, OUT positions json,
    OUT body text, OUT posted_at bigint, OUT edited_at bigint, OUT deleted_at bigint, OUT original_hash bytea
  ) LANGUAGE plpgsql AS $$
  DECLARE
    member record;
  BEGIN
    SELECT * INTO member FROM lock_membership(p_thread_id, p_sender_id);
    IF NOT FOUND THEN
      outcome := 'not_member';
      RETURN;
    END IF;
    INSERT INTO messages AS m (thread, "offset", sender, client_message_id, posted_at, body)
    VALUES (member.thread, member.head + 1, member.user, p_client_message_id, p_at, p_body)
    ON CONFLICT (thread, sender, client_message_id) DO NOTHING;
    IF FOUND THEN
      outcome := 'posted';
      SELECT e.at_offset, e.positions INTO at_offset, positions
      FROM append_event(member.thread, member.user, 'message.posted', p_at, true, NULL, NULL, p_keep) e;
      RETURN;
    END IF;
    outcome := 'replayed';
    SELECT m.offset, m.body, m.posted_at, m.edited_at, m.deleted_at, m.original_hash
    INTO at_offset, body, posted_at, edited_at, deleted_at, original_hash
    FROM messages m
    WHERE m.thread = member.thread AND m.sender = member.user AND m.client_message_id = p_client_message_id;
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
  CREATE FUNCTION post_messages(
    p_thread_ids text[], p_sender_ids text[], p_client_message_ids text[], p_bodies text[], p_ats bigint[], p_keep integer
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
      INSERT INTO messages AS m (thread, "offset", sender, client_message_id, posted_at, body)
      SELECT t.thread, t.head + 1, own.user, p.client_message_id, p.at, p.body
      FROM unnest(p_thread_ids, p_sender_ids, p_client_message_ids, p_bodies, p_ats)
        AS p (thread_id, sender_id, client_message_id, body, at)
      JOIN threads t ON t.thread_id = p.thread_id
      JOIN users u ON u.user_id = p.sender_id
      JOIN members own ON own.thread = t.thread AND own.user = u.user
      WHERE t.thread = ANY (locked)
      ON CONFLICT (thread, sender, client_message_id) DO NOTHING
      RETURNING m.thread, m.offset, m.sender, m.posted_at
    )
    SELECT array_agg(w.thread), array_agg(w.offset), array_agg(w.sender), array_agg(w.posted_at)
    INTO posted, offsets, senders, ats FROM written w;
    IF posted IS NULL THEN
      RETURN '[]';
    END IF;
    UPDATE threads t SET head = t.head + 1, last_message = t.head + 1 WHERE t.thread = ANY (posted);
    UPDATE members m SET active_at = w.at, unread = m.unread + CASE WHEN m.user <> w.sender THEN 1 ELSE 0 END
    FROM unnest(posted, senders, ats) AS w (thread, sender, at) WHERE m.thread = w.thread;
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

  -- An edit with a body, a delete without. outcome: changed, unchanged, not_member, not_found, forbidden, gone.
  CREATE FUNCTION amend_message(
    p_thread_id text, p_actor_id text, p_offset bigint, p_body text, p_at bigint, p_keep integer,
    OUT outcome text, OUT at_offset integer, OUT positions json,
    OUT client_message_id text, OUT body text, OUT posted_at bigint, OUT edited_at bigint, OUT deleted_at bigint
  ) LANGUAGE plpgsql AS $$
  DECLARE
    member record;
    author integer;
    original bytea;
  BEGIN
    SELECT * INTO member FROM lock_membership(p_thread_id, p_actor_id);
    IF NOT FOUND THEN
      outcome := 'not_member';
      RETURN;
    END IF;
    SELECT m.sender, m.original_hash, m.client_message_id, m.body, m.posted_at, m.edited_at, m.deleted_at
    INTO author, original, client_message_id, body, posted_at, edited_at, deleted_at
    FROM messages m WHERE m.thread = member.thread AND m.offset = p_offset;
    outcome := CASE
      WHEN NOT FOUND THEN 'not_found'
      WHEN author <> member.user THEN 'forbidden'
      WHEN deleted_at IS NOT NULL THEN CASE WHEN p_body IS NULL THEN 'unchanged' ELSE 'gone' END
      WHEN body = p_body THEN 'unchanged'
      ELSE 'changed' END;
    IF outcome <> 'changed' THEN
      RETURN;
    END IF;
    IF p_body IS NULL THEN
      body := '';
      deleted_at := p_at;
      UPDATE messages m SET body = '', original_hash = NULL, deleted_at = p_at
      WHERE m.thread = member.thread AND m.offset = p_offset;
      UPDATE members m SET unread = m.unread - 1
      WHERE m.thread = member.thread AND m.user <> member.user AND m.read_offset < p_offset;
    ELSE
      original := coalesce(original, sha256(convert_to(body, 'UTF8')));
      body := p_body;
      edited_at := p_at;
      UPDATE messages m SET body = p_body, edited_at = p_at, original_hash = original
      WHERE m.thread = member.thread AND m.offset = p_offset;
    END IF;
    SELECT e.at_offset, e.positions INTO at_offset, positions
    FROM append_event(member.thread, member.user,
      CASE WHEN p_body IS NULL THEN 'message.deleted' ELSE 'message.edited' END, p_at, false, NULL, p_offset::integer, p_keep) e;
  END $$;

  -- No row for outsiders; no positions when the cursor stays where it was.
  CREATE FUNCTION move_cursor(p_thread_id text, p_user_id text, p_read_offset bigint, p_at bigint, p_keep integer)
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
