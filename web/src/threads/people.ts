/** Who a thread is with, and what it is called. */
import type { ThreadSummary, User, UserId } from '../../../protocol/index.ts';

type Users = ReadonlyMap<UserId, User>;

/** The other members, in order of joining. */
export const othersOf = (thread: Pick<ThreadSummary, 'members'>, meId: UserId, users: Users): User[] =>
  thread.members.flatMap(({ userId }) => (userId === meId ? [] : [users.get(userId) ?? unknownUser(userId)]));

export const unknownUser = (userId: UserId): User => ({
  userId,
  displayName: userId,
  headline: '',
  avatarUrl: null,
  timeZone: null,
});

/** "Tomás", for sentences. */
export const firstNameOf = (user: Pick<User, 'displayName'>): string => user.displayName.trim().split(/\s+/u)[0] ?? '';

const listing = new Intl.ListFormat('en', { style: 'long', type: 'conjunction' });

/** "Ana", "Ana and Ben", "Ana, Ben, and 2 others". */
export const namesText = (names: readonly string[]): string =>
  names.length <= 3 ? listing.format(names) : listing.format([...names.slice(0, 2), `${names.length - 2} others`]);

const JUST_YOU = 'Just you';

/** The name of a thread as one member sees it. */
export const threadName = (thread: ThreadSummary, meId: UserId, users: Users): string => {
  const others = othersOf(thread, meId, users);
  if (thread.kind === 'group' && thread.title !== '') return thread.title;
  if (others.length === 0) return thread.title === '' ? JUST_YOU : thread.title;
  return others.length === 1 ? (others[0]?.displayName ?? '') : namesText(others.map(firstNameOf));
};

/** What a thread is about, under its name: the job, or what the person does. */
export const threadTopic = (thread: ThreadSummary, meId: UserId, users: Users): string => {
  if (thread.proposal !== null) return thread.proposal.jobTitle;
  const others = othersOf(thread, meId, users);
  // Of a group that everybody else has left; where it has no title it is called so already.
  if (others.length === 0) return thread.title === '' ? '' : JUST_YOU;
  return others.length === 1 ? (others[0]?.headline ?? '') : `${thread.members.length} people`;
};
