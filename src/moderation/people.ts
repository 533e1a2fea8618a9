/** What people do about each other: reporting and blocking. */
import { ProtocolError, type RequestType, type UserId } from '../../protocol/index.ts';
import type { Clock } from '../clock.ts';
import type { Handlers } from '../handlers.ts';
import type { Store } from '../store/store.ts';
import type { Moderation } from './moderation.ts';

export type PeopleRequest = Extract<RequestType, `report.${string}` | `block.${string}`>;

export const createPeopleHandlers = (options: {
  moderation: Moderation;
  store: Store;
  clock: Clock;
  /** These two see each other no more: what their sessions hear of each other ends. */
  onApart: (userId: UserId, otherId: UserId) => void;
}): Handlers<PeopleRequest> => {
  const { moderation, store, clock, onApart } = options;

  /** Who wrote a message, and its text as it stands; the reporter is a member. */
  const messageIn = async (userId: UserId, threadId: string, offset: number): Promise<{ subjectId: UserId; text: string }> => {
    const { events } = await store.history(userId, { threadId, after: offset - 1, limit: 1 });
    const [event] = events;
    if (event?.type !== 'message.posted' || event.offset !== offset) {
      throw new ProtocolError('not_found', `There is no message at offset ${offset}.`);
    }
    if (event.message.deletedAt !== null) throw new ProtocolError('gone', 'This message was deleted.');
    return { subjectId: event.message.senderId, text: event.message.body };
  };

  const personIn = async (userId: UserId, threadId: string, subjectId: UserId): Promise<{ subjectId: UserId; text: null }> => {
    const memberIds = await store.memberIds(threadId);
    if (!memberIds.includes(userId)) throw new ProtocolError('not_member', 'You are not a member of this thread.');
    if (!memberIds.includes(subjectId)) throw new ProtocolError('not_found', 'There is nobody of this id in the thread.');
    return { subjectId, text: null };
  };

  return {
    'report.open': async ({ userId }, { threadId, offset, userId: reportedId, category, note }) => {
      const { subjectId, text } =
        offset === undefined ? await personIn(userId, threadId, reportedId!) : await messageIn(userId, threadId, offset);
      if (subjectId === userId) throw new ProtocolError('forbidden', 'Nobody reports themselves.');
      const what = offset === undefined ? `person:${subjectId}` : `${threadId}:${offset}`;
      const { case: opened, created } = await moderation.openWithText(
        {
          kind: 'report',
          key: `report:${userId}:${what}`,
          subjectId,
          openedBy: userId,
          threadId,
          proposalId: null,
          offset: offset ?? null,
          clientMessageId: null,
          category,
          findings: [],
          reason: note,
        },
        text,
      );
      return { caseId: opened.caseId, opened: created, state: opened.state };
    },
    'report.withdraw': async ({ userId }, { caseId }) => {
      await moderation.withdraw(caseId, userId);
      return {};
    },
    'block.set': async ({ userId }, { userId: otherId, blocked }) => {
      await store.setBlock({ userId, otherId, blocked, at: clock.now() });
      // Also when it was blocked already: the first answer may have been lost.
      if (blocked) onApart(userId, otherId);
      return {};
    },
    'block.list': async ({ userId }) => ({ userIds: (await store.blocksOf(userId)).blocked }),
  };
};
