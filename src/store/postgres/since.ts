/** What a user missed: the inbox entries after a position, or a snapshot. Either is one statement, and so of one instant. */
import type {
  CursorMoved,
  Epoch,
  InboxEntry,
  InboxRecovery,
  MarksChanged,
  Message,
  Position,
  ProposalListed,
  User,
  UserId,
} from '../../../protocol/index.ts';
import { type AmendmentType, amendedEvent, composeEvent, type EventRow, postedEvent } from '../events.ts';
import { SNAPSHOT_THREADS } from '../rules.ts';
import {
  EVENT_JOINS,
  EVENT_JSON,
  MARKS_JSON,
  MESSAGE_JOINS,
  MESSAGE_JSON,
  SUMMARY_JOINS,
  SUMMARY_JSON,
  USER_JSON,
  usersShownIn,
} from './columns.ts';
import type { Database } from './database.ts';
import { snapshot } from './summaries.ts';
import { profilesFrom } from './users.ts';

interface Positioned {
  readonly position: Position;
}

interface MissedRow {
  readonly head: Position;
  readonly messages: (Positioned & { message: Message })[];
  readonly amendments: (Positioned & { type: AmendmentType; offset: number; at: number; message: Message })[];
  readonly events: (Positioned & { event: EventRow })[];
  readonly cursors: (Positioned & { event: CursorMoved })[];
  readonly profiles: (Positioned & { user: User; at: number })[];
  readonly listed: (Positioned & { event: ProposalListed })[];
  readonly marks: (Positioned & { event: MarksChanged })[];
  /** Profiles that the events show. */
  readonly users: User[];
}

const STILL_A_MEMBER = 'JOIN members mine ON mine.thread = entry.thread AND mine.user = entry.user';

/**
 * User, position, replay limit; no row when the position is not kept. Entries are composed from the present state. Of a thread
 * that one has left only the leaving is told, and of a person with whom one no longer shares a thread nothing: what changed
 * afterwards is not theirs to see.
 */
const MISSED = `WITH kept AS MATERIALIZED (
    SELECT u.user, u.user_id, coalesce(i.head, 0) AS head FROM users u LEFT JOIN inboxes i ON i.user = u.user
    WHERE u.user_id = $1 AND $2::bigint BETWEEN i.floor AND i.head AND i.head - $2::bigint <= $3
  ), entry AS MATERIALIZED (
    SELECT e.* FROM kept JOIN inbox e ON e.user = kept.user AND e.position > $2::bigint ORDER BY e.position LIMIT $3
  ), missed_event AS MATERIALIZED (
    SELECT entry.position, e.* FROM entry LEFT ${STILL_A_MEMBER}
    JOIN events e ON e.thread = entry.thread AND e.offset = entry.offset
    WHERE mine.user IS NOT NULL OR (e.type = 'member.left' AND e.payload ->> 'userId' = $1)
  )
  SELECT kept.head,
    (SELECT coalesce(json_agg(json_build_object('position', entry.position, 'message', ${MESSAGE_JSON})), '[]')
     FROM entry ${STILL_A_MEMBER}
     JOIN messages m ON m.thread = entry.thread AND m.offset = entry.offset ${MESSAGE_JOINS}) AS messages,
    (SELECT coalesce(json_agg(json_build_object('position', entry.position, 'type', a.type, 'offset', a.offset, 'at', a.at,
       'message', ${MESSAGE_JSON})), '[]')
     FROM entry ${STILL_A_MEMBER}
     JOIN amendments a ON a.thread = entry.thread AND a.offset = entry.offset
     JOIN messages m ON m.thread = a.thread AND m.offset = a.message ${MESSAGE_JOINS}) AS amendments,
    (SELECT coalesce(json_agg(json_build_object('position', e.position, 'event', ${EVENT_JSON})), '[]')
     FROM missed_event e ${EVENT_JOINS}) AS events,
    (SELECT coalesce(json_agg(json_build_object('position', entry.position, 'event', json_build_object('type', 'cursor.moved',
       'threadId', c.thread_id, 'userId', u.user_id, 'readOffset', c.read_offset, 'unread', c.cursor_unread,
       'at', c.cursor_at))), '[]')
     FROM entry ${STILL_A_MEMBER}
     JOIN members c ON c.thread = entry.thread AND c.user = entry.about
     JOIN users u ON u.user = entry.about WHERE c.cursor_at IS NOT NULL) AS cursors,
    (SELECT coalesce(json_agg(json_build_object('position', entry.position, 'at', u.changed_at, 'user', ${USER_JSON})), '[]')
     FROM entry JOIN users u ON u.user = entry.about
     WHERE entry.thread IS NULL AND (entry.about = entry.user OR EXISTS (SELECT 1 FROM members theirs
       JOIN members mine ON mine.thread = theirs.thread WHERE theirs.user = entry.about AND mine.user = entry.user))) AS profiles,
    (SELECT coalesce(json_agg(json_build_object('position', entry.position, 'event', json_build_object('type', 'marks.changed',
       'threadId', mine.thread_id, 'marks', ${MARKS_JSON}, 'at', mine.marks_at))), '[]')
     FROM entry ${STILL_A_MEMBER}
     WHERE entry.offset IS NULL AND entry.about IS NULL AND mine.marks_at IS NOT NULL) AS marks,
    (SELECT coalesce(json_agg(json_build_object('position', entry.position, 'event', json_build_object('type', 'proposal.listed',
       'proposal', ${SUMMARY_JSON}, 'at', p.listed_at))), '[]')
     FROM entry JOIN proposals p ON p.proposal = entry.offset ${SUMMARY_JOINS}
     WHERE entry.thread IS NULL AND entry.about IS NULL AND entry.user IN (p.client, p.freelancer, p.manager)) AS listed,
    ${usersShownIn('missed_event')} AS users
  FROM kept`;

export const since = async (
  db: Database,
  userId: UserId,
  from: { epoch: Epoch; position: Position } | undefined,
): Promise<InboxRecovery> => {
  const { epoch } = db;
  const missed =
    from?.epoch === epoch ? await db.get<MissedRow>(MISSED, userId, from.position, db.settings.replayLimit) : undefined;
  if (missed !== undefined) return { recovered: true, epoch, position: missed.head, entries: entriesOf(missed) };
  if (from?.epoch === epoch && from.position === 0 && !(await isKnown(db, userId))) {
    return { recovered: true, epoch, position: 0, entries: [] };
  }
  const { head, page } = await snapshot(db, userId, SNAPSHOT_THREADS);
  return { recovered: false, epoch, position: head, snapshot: page };
};

/** Of a user whom the store does not know nothing was missed. */
const isKnown = async (db: Database, userId: UserId): Promise<boolean> =>
  (await db.get('SELECT 1 FROM users u WHERE u.user_id = $1', userId)) !== undefined;

const entriesOf = (missed: MissedRow): InboxEntry[] => {
  const usersOf = profilesFrom(missed.users);
  return [
    ...missed.messages.map(({ position, message }) => ({ position, event: postedEvent(message) })),
    ...missed.amendments.map(({ position, type, offset, at, message }) => ({
      position,
      event: amendedEvent(type, offset, at, message),
    })),
    ...missed.events.map(({ position, event }) => ({ position, event: composeEvent(event, usersOf) })),
    ...missed.cursors,
    ...missed.marks,
    ...missed.listed,
    ...missed.profiles.map(({ position, user, at }) => ({ position, event: { type: 'user.changed' as const, user, at } })),
  ].sort((one, other) => one.position - other.position);
};
