/** What people do in threads: the handlers of messages, members, cursors, marks, jobs, proposals and typing. The rules that need data are the store's. */
import { randomUUID } from 'node:crypto';
import {
  type Proposal,
  ProtocolError,
  queryOf,
  type RequestType,
  type Typing,
  type User,
  type UserId,
} from '../../protocol/index.ts';
import type { Clock } from '../clock.ts';
import type { Deliver, Handlers } from '../handlers.ts';
import type { Gate } from '../safety/gate.ts';
import type { Waiting } from '../safety/waiting.ts';
import { whereSaid } from '../safety/where-said.ts';
import type { Store } from '../store/store.ts';

export type ThreadRequest = Extract<
  RequestType,
  | `thread.${string}`
  | `message.${string}`
  | `member.${string}`
  | `job.${string}`
  | `proposal.${string}`
  | `guard.${string}`
  | 'cursor.move'
  | 'typing.set'
>;

const undefinedForOutsiders = (error: unknown): undefined => {
  if (!(error instanceof ProtocolError) || error.code !== 'not_member') throw error;
};

export const createThreadHandlers = (options: {
  store: Store;
  deliver: Deliver;
  gate: Gate;
  waiting: Waiting;
  publishTyping: (typing: Typing) => void;
  clock: Clock;
}): Handlers<ThreadRequest> => {
  const { store, deliver, gate, waiting, clock } = options;

  const ownProposal = async (userId: UserId, proposalId: string): Promise<Proposal> => {
    const proposal = await store.proposal(proposalId);
    // An outsider learns nothing, not even that it exists.
    if (proposal === undefined || ![proposal.clientId, proposal.freelancerId, proposal.managerId].includes(userId)) {
      throw new ProtocolError('not_found', 'You neither sent nor received a proposal of this id.');
    }
    return proposal;
  };

  const peopleOf = (proposals: readonly Proposal[]): Promise<User[]> =>
    store.users([
      ...new Set(
        proposals.flatMap(({ clientId, freelancerId, managerId }) => [
          clientId,
          freelancerId,
          ...(managerId === null ? [] : [managerId]),
        ]),
      ),
    ]);

  /** People one shares no thread with are answered alike, whether there are any such or not. */
  const requireContacts = async (userId: UserId, userIds: readonly UserId[]): Promise<void> => {
    const known = new Set(await store.contactsAmong(userId, userIds));
    const stranger = userIds.find((other) => !known.has(other));
    if (stranger !== undefined) throw new ProtocolError('forbidden', `You share no conversation with ${stranger}.`);
  };

  return {
    'thread.list': ({ userId }, page) => store.threads(userId, page),
    'thread.get': ({ userId }, { threadId }) => store.thread(userId, threadId),
    'thread.open': async ({ userId }, { threadKey, title, userIds, beside }) => {
      const others = userIds.filter((other) => other !== userId);
      if (others.length === 0) throw new ProtocolError('invalid', 'There is nobody else to open a group thread with.');
      await requireContacts(userId, others);
      // Outsiders are refused.
      if (beside !== undefined) await store.thread(userId, beside);
      return deliver(
        store.openThread({
          // No key of the host platform has such a character in it, and each person has keys of their own.
          threadKey: `${userId}/${threadKey}`,
          threadId: randomUUID(),
          kind: 'group',
          title: gate.name(title.trim()),
          members: [{ userId, role: 'owner' }, ...others.map((other) => ({ userId: other, role: 'member' as const }))],
          beside,
          at: clock.now(),
        }),
      );
    },
    'thread.mark': ({ userId }, mark) => deliver(store.markThread({ ...mark, userId, at: clock.now() })),
    'thread.history': ({ userId }, page) => store.history(userId, page),

    'message.search': async ({ userId }, { query, ...search }) => {
      const asked = queryOf(query);
      if (asked === null) throw new ProtocolError('invalid', 'There is no word in the query.');
      const { messages, next } = await store.search(userId, { ...search, query: asked });
      const threadIds = [...new Set(messages.map(({ threadId }) => threadId))];
      // Whoever is removed from a thread at this moment is shown nothing of it.
      const found = await Promise.all(threadIds.map((threadId) => store.thread(userId, threadId).catch(undefinedForOutsiders)));
      const threads = found.flatMap((one) => one?.thread ?? []);
      const own = new Set(threads.map(({ threadId }) => threadId));
      const users = new Map(found.flatMap((one) => one?.users ?? []).map((user) => [user.userId, user]));
      return { messages: messages.filter(({ threadId }) => own.has(threadId)), threads, users: [...users.values()], next };
    },

    'member.add': ({ userId }, add) => deliver(store.addMember({ ...add, actorId: userId, at: clock.now() })),
    'member.remove': ({ userId }, remove) => deliver(store.removeMember({ ...remove, actorId: userId, at: clock.now() })),

    'message.post': ({ userId }, { threadId, clientMessageId, body, confirmed }) =>
      gate.say({ userId, clientMessageId, body, confirmed }, { threadId }, (admitted) =>
        deliver(store.postMessage({ threadId, clientMessageId, ...admitted, senderId: userId, at: clock.now() })),
      ),
    'message.edit': async ({ userId }, edit) => {
      const { threadId, offset } = edit;
      const admitted = await gate.admitEdit({ ...edit, userId });
      return deliver(store.editMessage({ threadId, offset, ...admitted, actorId: userId, at: clock.now() }));
    },
    'message.delete': ({ userId }, remove) => deliver(store.deleteMessage({ ...remove, actorId: userId, at: clock.now() })),
    'cursor.move': ({ userId }, move) => deliver(store.moveCursor({ ...move, userId, at: clock.now() })),

    'typing.set': async ({ userId }, { threadId, typing }) => {
      const [[own], isApart] = await Promise.all([store.threadsAmong(userId, [threadId]), store.isApart(userId, threadId)]);
      if (own === undefined) throw new ProtocolError('not_member', 'You are not a member of this thread.');
      if (!isApart) options.publishTyping({ threadId, userId, typing });
      return {};
    },

    'job.list': async ({ userId }, page) => {
      const { jobs, more } = await store.jobsOf(userId, page);
      return { jobs, users: await store.users([...new Set(jobs.flatMap(({ newest }) => newest))]), more };
    },
    'job.get': async ({ userId }, { jobId }) => {
      const job = await store.jobOf(userId, jobId);
      return { job, users: await store.users([...new Set(job.newest)]) };
    },
    'proposal.list': async ({ userId }, page) => {
      const { proposals, more } = await store.proposalsOf(userId, page);
      return { proposals, users: await peopleOf(proposals), more };
    },
    'proposal.get': async ({ userId }, { proposalId }) => {
      const proposal = await ownProposal(userId, proposalId);
      return { proposal, users: await peopleOf([proposal]) };
    },
    'proposal.message': async ({ userId }, { proposalId, clientMessageId, body, confirmed }) => {
      await ownProposal(userId, proposalId);
      const { threadId, message, opened } = await gate.say(
        { userId, clientMessageId, body, confirmed },
        { proposalId },
        (admitted) =>
          deliver(
            store.openProposalThread({
              proposalId,
              threadId: randomUUID(),
              senderId: userId,
              clientMessageId,
              ...admitted,
              at: clock.now(),
            }),
          ),
      );
      return { threadId, message, opened };
    },

    'guard.preview': ({ userId }, { body, ...at }) => gate.preview({ userId, place: whereSaid(at), body }),
    'guard.appeal': async ({ userId }, appeal) => waiting.appeal(userId, appeal, await gate.appealed(userId, appeal)),
  };
};
