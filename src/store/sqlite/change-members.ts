/** Joining and leaving group threads. */
import type { Member, MemberRole, ThreadId, UserId } from '../../../protocol/index.ts';
import { leftEvent } from '../events.ts';
import { requireMayAdd, requireMayRemove, requireRoom, requireWritable } from '../rules.ts';
import type { Written } from '../store.ts';
import type { Database } from './database.ts';
import { appendEvent } from './events.ts';
import { insertMember, membership, membersOf, subjectOf } from './members.ts';
import { userNumbers, users } from './users.ts';

export const addMember = (
  db: Database,
  add: { threadId: ThreadId; actorId: UserId; userId: UserId; role: MemberRole; at: number },
): Written<{ member: Member }> => {
  const { threadId, actorId, userId, role, at } = add;
  const actor = membership(db, threadId, actorId);
  requireWritable(actor);
  requireMayAdd(actor, subjectOf(db, actor.thread));
  const [user] = userNumbers(db, [userId]) as [number];
  const members = membersOf(db, actor.thread);
  const present = members.find((member) => member.userId === userId);
  if (present !== undefined) return { result: { member: present }, deliveries: [] };
  requireRoom(members);

  const offset = actor.head + 1;
  const member: Member = { userId, role, readOffset: offset, joinedAt: at };
  insertMember(db, actor.thread, user, member);
  const profile = users(db, [userId])[0]!;
  const event = { type: 'member.joined', threadId, offset, at, actorId, member, user: profile } as const;
  return { result: { member }, deliveries: [appendEvent(db, actor.thread, actor.user, event)] };
};

export const removeMember = (
  db: Database,
  remove: { threadId: ThreadId; actorId: UserId; userId: UserId; at: number },
): Written<Record<string, never>> => {
  const { threadId, actorId, userId, at } = remove;
  const actor = membership(db, threadId, actorId);
  const members = membersOf(db, actor.thread);
  const leaving = members.find((member) => member.userId === userId);
  requireWritable(actor);
  requireMayRemove(actor, leaving, members, subjectOf(db, actor.thread));
  if (leaving === undefined) return { result: {}, deliveries: [] };

  const event = leftEvent({ threadId, offset: actor.head + 1, at, actorId, userId }, members);
  // Delivered first, so that it reaches the one who leaves.
  const delivery = appendEvent(db, actor.thread, actor.user, event);
  const [user] = userNumbers(db, [userId]) as [number];
  db.run('DELETE FROM members WHERE thread = ? AND user = ?', actor.thread, user);
  if (event.ownerId !== undefined) {
    const [owner] = userNumbers(db, [event.ownerId]) as [number];
    db.run("UPDATE members SET role = 'owner' WHERE thread = ? AND user = ?", actor.thread, owner);
  }
  return { result: {}, deliveries: [delivery] };
};
