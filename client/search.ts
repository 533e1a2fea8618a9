/** Search: asks on until there are as many messages as were asked for, or no more. */
import type { PayloadInput, Result, SearchPlace } from '../protocol/index.ts';
import type { SearchOptions, SearchPage } from './types.ts';

type Ask = (type: 'message.search', payload: PayloadInput<'message.search'>) => Promise<Result<'message.search'>>;

const PAGE = 20;

export const search = async (ask: Ask, query: string, options: SearchOptions = {}): Promise<SearchPage> => {
  const { threadId, limit = PAGE, signal } = options;
  const messages: Result<'message.search'>['messages'] = [];
  const [threads, users] = [new Map(), new Map()];
  let next: SearchPlace | null = options.after ?? null;
  do {
    signal?.throwIfAborted();
    const page: Result<'message.search'> = await ask('message.search', {
      query,
      limit: limit - messages.length,
      ...(threadId === undefined ? {} : { threadId }),
      ...(next === null ? {} : { after: next }),
    });
    messages.push(...page.messages);
    for (const thread of page.threads) threads.set(thread.threadId, thread);
    for (const user of page.users) users.set(user.userId, user);
    next = page.next;
  } while (next !== null && messages.length < limit);
  signal?.throwIfAborted();
  return { messages, threads, users, next };
};
