/** What a search found: conversation by conversation, each message with its words marked, and a way to its place. */
import { SearchX, TriangleAlert } from 'lucide-react';
import type { RefObject } from 'react';
import type { SearchPage } from '../../../client/types.ts';
import { type Message, queryOf, type ThreadSummary, type WordQuery } from '../../../protocol/index.ts';
import { Link } from '../app/link.tsx';
import { useMe } from '../app/parley.tsx';
import { plainText } from '../guard/masked.ts';
import { fullTime, shortTime } from '../lib/time.ts';
import { useNow } from '../lib/use-now.ts';
import { Button } from '../ui/button.tsx';
import { EmptyState } from '../ui/empty-state.tsx';
import { Spinner } from '../ui/spinner.tsx';
import { firstNameOf, threadName, threadTopic, unknownUser } from './people.ts';
import css from './search-results.module.css';
import { snippetOf } from './snippet.ts';
import { moveFocus } from './thread-list.tsx';
import type { useSearch } from './use-search.ts';

interface Props {
  readonly search: ReturnType<typeof useSearch>;
  readonly results: RefObject<HTMLDivElement | null>;
}

export const SearchResults = ({ search, results }: Props) => {
  const { status, query, page } = search;
  const asked = queryOf(query);
  return (
    <div ref={results} className={css.scroller} data-testid="search-results">
      <p className="unseen" role="status">
        {saidOf(search)}
      </p>
      {page !== null && asked !== null && page.messages.length > 0 && (
        <ul className={css.threads} aria-busy={status === 'searching'} onKeyDown={moveFocus}>
          {groupsOf(page).map(({ thread, messages }) => (
            <ThreadHits key={thread.threadId} thread={thread} messages={messages} page={page} query={asked} />
          ))}
        </ul>
      )}
      {status === 'found' && page?.messages.length === 0 && (
        <EmptyState icon={SearchX} title="Nothing found">
          No message has all of these words.
        </EmptyState>
      )}
      {status === 'failed' && (
        <EmptyState icon={TriangleAlert} title="Search did not work" actions={<Button onClick={search.again}>Try again</Button>}>
          The server could not be asked.
        </EmptyState>
      )}
      {status === 'searching' && (page === null || page.next !== null) && (
        <div className={css.more}>
          <Spinner />
        </div>
      )}
      {status === 'found' && page?.next != null && (
        <div className={css.more}>
          <Button size="s" onClick={search.more}>
            Search further back
          </Button>
        </div>
      )}
    </div>
  );
};

/** For those who do not see it. */
const saidOf = ({ status, page }: Props['search']): string => {
  if (status === 'searching') return 'Searching';
  if (status !== 'found' || page === null) return '';
  const count = page.messages.length;
  if (count === 0) return 'Nothing found';
  return `${count}${page.next === null ? '' : ' or more'} ${count === 1 ? 'message' : 'messages'} found`;
};

interface Group {
  readonly thread: ThreadSummary;
  readonly messages: readonly Message[];
}

const groupsOf = ({ messages, threads }: SearchPage): Group[] =>
  [...Map.groupBy(messages, ({ threadId }) => threadId)].flatMap(([threadId, messages]) => {
    const thread = threads.get(threadId);
    return thread === undefined ? [] : [{ thread, messages }];
  });

const ThreadHits = ({ thread, messages, page, query }: Group & { readonly page: SearchPage; readonly query: WordQuery }) => {
  const me = useMe();
  const now = useNow();
  const topic = threadTopic(thread, me.userId, page.users);
  return (
    <li>
      <h3 className={css.thread}>
        <span className={css.name}>{threadName(thread, me.userId, page.users)}</span>
        {topic !== '' && <span className={css.topic}>{topic}</span>}
      </h3>
      <ul>
        {messages.map((message) => (
          <li key={message.offset}>
            <Link
              to={{ page: 'thread', threadId: message.threadId, offset: message.offset }}
              className={css.hit}
              data-testid="search-hit"
            >
              <span className={css.line}>
                <span className={css.sender}>
                  {message.senderId === me.userId
                    ? 'You'
                    : firstNameOf(page.users.get(message.senderId) ?? unknownUser(message.senderId))}
                </span>
                <time dateTime={new Date(message.postedAt).toISOString()} title={fullTime(message.postedAt)}>
                  {shortTime(message.postedAt, now)}
                </time>
              </span>
              <span className={css.snippet}>
                {snippetOf(plainText(message), query).map(({ text, marked }, index) =>
                  // biome-ignore lint/suspicious/noArrayIndexKey: pieces of one text, made anew together.
                  marked ? <mark key={index}>{text}</mark> : text,
                )}
              </span>
            </Link>
          </li>
        ))}
      </ul>
    </li>
  );
};
