/** Adding people to a conversation, or opening a group with them; what was done of it is not done twice when it is tried again. */
import { useRef, useState } from 'react';
import { uuid } from '../../../client/uuid.ts';
import { ProtocolError, type ThreadSummary, type UserId } from '../../../protocol/index.ts';
import { useMe, useParley } from '../app/parley.tsx';

interface Adding {
  readonly isBusy: boolean;
  readonly error: string | null;
  /** Resolves with the conversation that they are in now, or null when it did not work. */
  add(userIds: readonly UserId[], group: { title: string } | null): Promise<string | null>;
}

export const useAdding = (thread: ThreadSummary): Adding => {
  const { client } = useParley();
  const me = useMe();
  const [isBusy, setIsBusy] = useState(false);
  const [error, setError] = useState<string | null>(null);
  /** A key for each group as it was asked for. */
  const attempt = useRef({ group: '', threadKey: '' });

  const open = async (userIds: readonly UserId[], title: string): Promise<string> => {
    const everyone = [...thread.members.map(({ userId }) => userId).filter((userId) => userId !== me.userId), ...userIds];
    const group = JSON.stringify([title, everyone]);
    if (attempt.current.group !== group) attempt.current = { group, threadKey: uuid() };
    // What is masked in the group appears when the contract begins, as it does here.
    const beside = thread.kind === 'direct' ? {} : { beside: thread.threadId };
    return (await client.openThread({ title, userIds: everyone, ...beside }, attempt.current.threadKey)).threadId;
  };

  const join = async (userIds: readonly UserId[]): Promise<string> => {
    const { threadId } = thread;
    // Who is a member already stays one.
    for (const userId of userIds) await client.request('member.add', { threadId, userId });
    return threadId;
  };

  return {
    isBusy,
    error,
    async add(userIds, group) {
      setIsBusy(true);
      setError(null);
      try {
        return await (group === null ? join(userIds) : open(userIds, group.title));
      } catch (refusal) {
        setError(refusal instanceof ProtocolError ? refusal.message : 'That did not work. Try again.');
        return null;
      } finally {
        setIsBusy(false);
      }
    },
  };
};
