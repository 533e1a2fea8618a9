/** Joining and leaving group threads. */
import { MAX_MEMBERS, type Member, type MemberRole, ProtocolError, type ThreadId, type UserId } from '../../../protocol/index.ts';
import type { Written } from '../store.ts';
import type { Database } from './database.ts';
import { appendEvent } from './events.ts';
import { insertMember, type Membership, membership, membersOf } from './members.ts';
import { userNumbers, users } from './users.ts';

export const addMember = (
  db: Database,
  add: { threadId: ThreadId; actorId: UserId; userId: UserId; role: MemberRole; at: number },
): Written<{ member: Member }> => {
  const { threadId, actorId, userId, role, at } = add;
  const actor = membership(db, threadId, actorId);
  requireGroup(actor);
  if (actor.role === 'member') throw new ProtocolError('forbidden', 'Only an owner or admin can add members.');
  const [user] = userNumbers(db, [userId]) as [number];
  const members = membersOf(db, actor.thread);
  const present = members.find((member) => member.userId === userId);
  if (present !== undefined) return { result: { member: present }, deliveries: [] };
  if (members.length >= MAX_MEMBERS) throw new ProtocolError('conflict', `A thread has at most ${MAX_MEMBERS} members.`);

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
  requireGroup(actor);
  const members = membersOf(db, actor.thread);
  const leaving = members.find((member) => member.userId === userId);
  requireMayRemove(actor, leaving, members);
  if (leaving === undefined) return { result: {}, deliveries: [] };

  const event = { type: 'member.left', threadId, offset: actor.head + 1, at, actorId, userId } as const;
  // Delivered first, so that it reaches the one who leaves.
  const delivery = appendEvent(db, actor.thread, actor.user, event);
  const [user] = userNumbers(db, [userId]) as [number];
  db.run('DELETE FROM members WHERE thread = ? AND user = ?', actor.thread, user);
  return { result: {}, deliveries: [delivery] };
};

const requireGroup = ({ kind }: Membership): void => {
  if (kind !== 'group') throw new ProtocolError('forbidden', 'Only group threads change their members.');
};

/** Removing who is not there is allowed to those who may remove others, so that the same call can be made again. */
const requireMayRemove = (actor: Membership, leaving: Member | undefined, members: readonly Member[]): void => {
  if (leaving?.userId === actor.userId) {
    const owners = members.filter(({ role }) => role === 'owner');
    if (actor.role !== 'owner' || owners.length > 1) return;
    throw new ProtocolError('forbidden', 'The last owner cannot leave.');
  }
  if (actor.role === 'member') throw new ProtocolError('forbidden', 'Only an owner or admin can remove others.');
  if (leaving?.role === 'owner' && actor.role !== 'owner') {
    throw new ProtocolError('forbidden', 'Only an owner can remove an owner.');
  }
};
