/** The handlers that people write by, with limits before them. */
import type { RequestType } from '../../protocol/index.ts';
import type { Handler, Handlers } from '../handlers.ts';
import { createSerialQueues } from '../serial-queues.ts';
import type { Store } from '../store/store.ts';
import type { Limits } from './limits.ts';

type Limited = 'message.post' | 'message.edit' | 'proposal.message' | 'report.open';

const orGiveBack = async <Value>(giveBack: () => Promise<void>, work: () => Value | Promise<Value>): Promise<Value> => {
  try {
    return await work();
  } catch (error) {
    await giveBack();
    throw error;
  }
};

/** Each as it was, behind its limit. What was refused was not counted, unless by another limit before. */
export const limited = <Types extends RequestType>(
  handlers: Handlers<Types | Limited>,
  { limits, store }: { limits: Limits; store: Pick<Store, 'proposal'> },
): Handlers<Types | Limited> => {
  const inner: Handlers<Limited> = handlers;
  const turns = createSerialQueues();

  const post: Handler<'message.post'> = async (caller, payload) => {
    const { userId } = caller;
    const { threadId } = payload;
    const mayWrite = limits.message(userId, threadId);
    mayWrite.catch(() => {});
    // The counters may answer one sooner than the one before it; what is written stays in its order all the same.
    const { posting } = await turns.run(`${threadId} ${userId}`, async () => {
      const giveBack = await mayWrite;
      return { posting: orGiveBack(giveBack, () => inner['message.post'](caller, payload)) };
    });
    const result = await posting;
    if (!result.replayed) void limits.posted(result.message);
    return result;
  };
  const edit: Handler<'message.edit'> = async (caller, payload) => {
    const giveBack = await limits.message(caller.userId, payload.threadId);
    const result = await orGiveBack(giveBack, () => inner['message.edit'](caller, payload));
    void limits.posted(result.message);
    return result;
  };
  const open: Handler<'proposal.message'> = async (caller, payload) => {
    const proposal = await store.proposal(payload.proposalId);
    // An outsider is refused by the handler, and counts nowhere.
    const isTheirs = proposal?.clientId === caller.userId;
    if (isTheirs && proposal.threadId === null) await limits.opening(caller.userId);
    const giveBack = await limits.message(caller.userId, proposal?.threadId ?? null);
    const result = await orGiveBack(giveBack, () => inner['proposal.message'](caller, payload));
    void limits.posted(result.message);
    return result;
  };
  const report: Handler<'report.open'> = async (caller, payload) => {
    await limits.report(caller.userId);
    return inner['report.open'](caller, payload);
  };
  return { ...handlers, 'message.post': post, 'message.edit': edit, 'proposal.message': open, 'report.open': report };
};
