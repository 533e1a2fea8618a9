/** Rows as the wire has them, built by the database: one answer holds a page with all that belongs to it. */

/** A User, from `users u`. */
export const USER_JSON = `json_build_object('userId', u.user_id, 'displayName', u.display_name, 'headline', u.headline,
  'avatarUrl', u.avatar_url, 'timeZone', u.time_zone)`;

const MESSAGE_PAIRS = `'threadId', mt.thread_id, 'offset', m.offset, 'senderId', sender.user_id,
  'clientMessageId', m.client_message_id, 'body', m.body, 'postedAt', m.posted_at, 'editedAt', m.edited_at,
  'deletedAt', m.deleted_at`;
/** A Message, from `messages m` and MESSAGE_JOINS. */
export const MESSAGE_JSON = `CASE WHEN m.masked IS NULL THEN json_build_object(${MESSAGE_PAIRS})
  ELSE json_build_object(${MESSAGE_PAIRS}, 'masked', m.masked) END`;
export const MESSAGE_JOINS = `
  JOIN threads mt ON mt.thread = m.thread
  JOIN users sender ON sender.user = m.sender`;

/** An EventRow, from `events e` and EVENT_JOINS. */
export const EVENT_JSON = `json_build_object('type', e.type, 'threadId', et.thread_id, 'offset', e.offset, 'at', e.at,
  'actorId', actor.user_id, 'payload', e.payload)`;
export const EVENT_JOINS = `
  JOIN threads et ON et.thread = e.thread
  LEFT JOIN users actor ON actor.user = e.actor`;

/** The profiles that these events show, from a query with a column `payload`. */
export const usersShownIn = (events: string): string => `(
  SELECT coalesce(json_agg(${USER_JSON}), '[]') FROM users u WHERE u.user_id IN (
    SELECT shown.member ->> 'userId' FROM ${events} shown_event
    CROSS JOIN LATERAL jsonb_array_elements(
      coalesce(shown_event.payload -> 'members', jsonb_build_array(shown_event.payload -> 'member'))) AS shown (member)))`;

/** Marks, from the member `mine`. */
export const MARKS_JSON = `json_build_object('archived', mine.archived, 'favourite', mine.favourite, 'hidden', mine.hidden,
  'version', mine.marks_version)`;

/** The columns of a ProposalSummary, from `proposals p` and SUMMARY_JOINS; and it as JSON. */
export const SUMMARY_COLUMNS = `p.proposal_id AS "proposalId", job.job_id AS "jobId", job.title AS "jobTitle",
  client.user_id AS "clientId", freelancer.user_id AS "freelancerId", manager.user_id AS "managerId", p.status`;
export const SUMMARY_JSON = `json_build_object('proposalId', p.proposal_id, 'jobId', job.job_id, 'jobTitle', job.title,
  'clientId', client.user_id, 'freelancerId', freelancer.user_id, 'managerId', manager.user_id, 'status', p.status)`;
export const SUMMARY_JOINS = `
  JOIN jobs job ON job.job = p.job
  JOIN users client ON client.user = p.client
  JOIN users freelancer ON freelancer.user = p.freelancer
  LEFT JOIN users manager ON manager.user = p.manager`;

/** The members of `threads t`, in their order. */
export const MEMBERS_JSON = `(
  SELECT json_agg(json_build_object('userId', u.user_id, 'role', tm.role, 'readOffset', tm.read_offset, 'joinedAt', tm.joined_at)
    ORDER BY tm.ordinal)
  FROM members tm JOIN users u ON u.user = tm.user WHERE tm.thread = t.thread)`;
