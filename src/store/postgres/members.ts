/** Who is in a thread, and joining and leaving it. */
import type { Member, MemberRole, ProposalStatus, ThreadId, ThreadKind, UserId } from '../../../protocol/index.ts';
import { leftEvent } from '../events.ts';
import { notMember, requireMayAdd, requireMayRemove, requireRoom, requireWritable, type Subject } from '../rules.ts';
import type { Written } from '../store.ts';
import type { Database, Queryable } from './database.ts';
import { appendEvent } from './events.ts';
import { lockUsers, profilesFrom, users } from './users.ts';

/** A thread that this transaction has locked, as one of its members stands to it. */
export interface Membership {
  readonly thread: number;
  readonly kind: ThreadKind;
  readonly head: number;
  readonly user: number;
  readonly userId: UserId;
  readonly role: MemberRole;
  /** Of the thread's proposal, if it has one. */
  readonly proposalStatus: ProposalStatus | null;
  /** By another member, in a thread in which that counts. */
  readonly blocked: boolean;
}

export const lockMembership = async (tx: Queryable, threadId: ThreadId, userId: UserId): Promise<Membership> => {
  const found = await tx.get<Omit<Membership, 'userId'>>(
    'SELECT thread, kind, head, "user", role, proposal_status AS "proposalStatus", blocked FROM lock_membership($1, $2)',
    threadId,
    userId,
  );
  if (found === undefined) throw notMember();
  return { ...found, userId };
};

/** What a thread is about; of a group, what the thread whose contracts it follows is. */
export const subjectOf = async (db: Queryable, thread: number): Promise<Subject> =>
  (await db.get<Subject>(
    `SELECT coalesce(t.proposal, followed.proposal) AS proposal, t.contracts
     FROM threads t LEFT JOIN threads followed ON followed.thread = t.beside WHERE t.thread = $1`,
    thread,
  ))!;

export const membersOf = (db: Queryable, thread: number): Promise<Member[]> =>
  db.all<Member>(
    `SELECT u.user_id AS "userId", m.role, m.read_offset AS "readOffset", m.joined_at AS "joinedAt"
     FROM members m JOIN users u ON u.user = m.user WHERE m.thread = $1 ORDER BY m.ordinal`,
    thread,
  );

/** Adds members behind the present ones; their unread count starts at 0. */
export const insertMembers = (tx: Queryable, thread: number, numbers: readonly number[], members: readonly Member[]) =>
  tx.all(
    `INSERT INTO members (thread, "user", ordinal, role, joined_at, read_offset, unread, active_at, thread_id)
     SELECT t.thread, new.number, new.ordinal + (SELECT coalesce(max(m.ordinal), 0) FROM members m WHERE m.thread = t.thread),
       new.role, new.joined_at, new.read_offset, 0, new.joined_at, t.thread_id
     FROM threads t
     CROSS JOIN unnest($2::integer[], $3::text[], $4::bigint[], $5::integer[])
       WITH ORDINALITY AS new (number, role, joined_at, read_offset, ordinal)
     WHERE t.thread = $1`,
    thread,
    numbers,
    members.map(({ role }) => role),
    members.map(({ joinedAt }) => joinedAt),
    members.map(({ readOffset }) => readOffset),
  );

export const addMember = (
  db: Database,
  add: { threadId: ThreadId; actorId: UserId; userId: UserId; role: MemberRole; at: number },
): Promise<Written<{ member: Member }>> =>
  db.transaction(async (tx) => {
    const { threadId, actorId, userId, role, at } = add;
    const actor = await lockMembership(tx, threadId, actorId);
    requireWritable(actor);
    requireMayAdd(actor, await subjectOf(tx, actor.thread));
    const members = await membersOf(tx, actor.thread);
    const [user] = (await lockUsers(tx, [userId, ...members.map((member) => member.userId)])) as [number];
    const present = members.find((member) => member.userId === userId);
    if (present !== undefined) return { result: { member: present }, deliveries: [] };
    requireRoom(members);

    const offset = actor.head + 1;
    const member: Member = { userId, role, readOffset: offset, joinedAt: at };
    await insertMembers(tx, actor.thread, [user], [member]);
    const [profile] = profilesFrom(await users(tx, [userId]))([userId]);
    const event = { type: 'member.joined', threadId, offset, at, actorId, member, user: profile! } as const;
    const { inboxKeep } = db.settings;
    const delivery = await appendEvent(tx, { thread: actor.thread, actor: actor.user, event, inboxKeep });
    return { result: { member }, deliveries: [delivery] };
  });

export const removeMember = (
  db: Database,
  remove: { threadId: ThreadId; actorId: UserId; userId: UserId; at: number },
): Promise<Written<Record<string, never>>> =>
  db.transaction(async (tx) => {
    const { threadId, actorId, userId, at } = remove;
    const actor = await lockMembership(tx, threadId, actorId);
    const members = await membersOf(tx, actor.thread);
    const leaving = members.find((member) => member.userId === userId);
    requireWritable(actor);
    requireMayRemove(actor, leaving, members, await subjectOf(tx, actor.thread));
    if (leaving === undefined) return { result: {}, deliveries: [] };

    const event = leftEvent({ threadId, offset: actor.head + 1, at, actorId, userId }, members);
    // Delivered first, so that it reaches the one who leaves.
    const { inboxKeep } = db.settings;
    const delivery = await appendEvent(tx, { thread: actor.thread, actor: actor.user, event, inboxKeep });
    await tx.all(
      'DELETE FROM members m WHERE m.thread = $1 AND m.user = (SELECT u.user FROM users u WHERE u.user_id = $2)',
      actor.thread,
      userId,
    );
    if (event.ownerId !== undefined) {
      await tx.all(
        "UPDATE members m SET role = 'owner' WHERE m.thread = $1 AND m.user = (SELECT u.user FROM users u WHERE u.user_id = $2)",
        actor.thread,
        event.ownerId,
      );
    }
    return { result: {}, deliveries: [delivery] };
  });

export const memberIds = async (db: Database, threadId: ThreadId): Promise<UserId[]> => {
  const rows = await db.all<{ userId: UserId }>(
    `SELECT u.user_id AS "userId" FROM threads t JOIN members m ON m.thread = t.thread JOIN users u ON u.user = m.user
     WHERE t.thread_id = $1 ORDER BY m.ordinal`,
    threadId,
  );
  return rows.map(({ userId }) => userId);
};

export const threadsAmong = async (db: Database, userId: UserId, threadIds: readonly ThreadId[]): Promise<ThreadId[]> => {
  const rows = await db.all<{ threadId: ThreadId }>(
    `SELECT t.thread_id AS "threadId" FROM threads t JOIN members m ON m.thread = t.thread
     WHERE t.thread_id = ANY ($2::text[]) AND m.user = (SELECT u.user FROM users u WHERE u.user_id = $1)`,
    userId,
    threadIds,
  );
  return rows.map(({ threadId }) => threadId);
};

/** Walks the threads of each of the others and stops at the first that both are in. With LIMIT the planner keeps to that. */
export const contactsAmong = async (db: Database, userId: UserId, userIds: readonly UserId[]): Promise<UserId[]> => {
  const rows = await db.all<{ userId: UserId }>(
    `SELECT u.user_id AS "userId" FROM users u
     WHERE u.user_id = ANY ($2::text[]) AND u.user_id <> $1 AND (
       SELECT true FROM members theirs JOIN members mine ON mine.thread = theirs.thread
       WHERE theirs.user = u.user AND mine.user = (SELECT me.user FROM users me WHERE me.user_id = $1) LIMIT 1)
       AND NOT EXISTS (
         SELECT 1 FROM blocks b JOIN users me ON me.user = b.blocker WHERE b.blocked = u.user AND me.user_id = $1)
       AND NOT EXISTS (
         SELECT 1 FROM blocks b JOIN users me ON me.user = b.blocked WHERE b.blocker = u.user AND me.user_id = $1)`,
    userId,
    userIds,
  );
  return rows.map((contact) => contact.userId);
};
