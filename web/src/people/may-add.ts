/** Who may come into a conversation, and into a new one beside it. */
import { contractStateOf, isReadOnly, type ThreadSummary, type User, type UserId } from '../../../protocol/index.ts';
import { unknownUser } from '../threads/people.ts';

/** Whether this member adds people here; what the server allows. */
export const mayAdd = (thread: ThreadSummary, meId: UserId): boolean => {
  const role = thread.members.find(({ userId }) => userId === meId)?.role;
  if (thread.kind === 'direct' || isReadOnly(thread) || (role !== 'owner' && role !== 'admin')) return false;
  return thread.kind === 'group' || contractStateOf(thread.contracts) !== 'before';
};

/** Why a new group is opened instead, in a sentence. */
export const whyNot = (thread: ThreadSummary): string => {
  if (isReadOnly(thread)) return 'This conversation is closed.';
  if (thread.kind === 'direct') return 'This conversation is for the two of you.';
  if (thread.kind !== 'group' && contractStateOf(thread.contracts) === 'before') {
    return 'Until a contract has begun, this conversation is for those whom the proposal is between.';
  }
  return 'Only an owner or admin adds people here.';
};

/** People of one's other conversations, by name. */
export const contactsBeside = (
  thread: ThreadSummary,
  threads: readonly ThreadSummary[],
  users: ReadonlyMap<UserId, User>,
): User[] => {
  const present = new Set(thread.members.map(({ userId }) => userId));
  const known = new Set(threads.flatMap(({ members }) => members.map(({ userId }) => userId)));
  return [...known]
    .filter((userId) => !present.has(userId))
    .map((userId) => users.get(userId) ?? unknownUser(userId))
    .sort((one, other) => one.displayName.localeCompare(other.displayName));
};
