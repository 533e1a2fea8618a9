/** The jobs one is the client of, as far as their list was read, asked for anew as proposals for them come and change. */
import { createContext, useCallback, useContext, useMemo } from 'react';
import type { JobSummary, ProposalSummary, Result, User, UserId } from '../../../protocol/index.ts';
import { useMe, useParley } from '../app/parley.tsx';
import { type Pages, usePages } from '../lib/use-pages.ts';
import { useReadable } from '../lib/use-readable.ts';
import { usersOf } from '../proposals/use-proposals.ts';
import { useTold } from '../proposals/use-told.ts';

export interface Jobs extends Pick<Pages<unknown>, 'status' | 'more' | 'loadingMore' | 'loadMore' | 'reload'> {
  /** Newest first. */
  readonly jobs: readonly JobSummary[];
  readonly users: ReadonlyMap<UserId, User>;
}

const nothing = (): void => {};

const JobsContext = createContext<Jobs>({
  status: 'loading',
  jobs: [],
  users: new Map(),
  more: false,
  loadingMore: false,
  loadMore: nothing,
  reload: nothing,
});

export const JobsProvider = JobsContext;

export const useJobs = (): Jobs => useContext(JobsContext);

type Page = Result<'job.list'>;

/** For the shell, which provides it to all. */
export const useLoadedJobs = (): Jobs => {
  const { client } = useParley();
  const me = useMe();
  const inbox = useReadable(client.inbox);
  const isOnline = useReadable(client.connection).status === 'online';
  const fetchPage = useCallback((before: Page | undefined) => client.jobs({ before: before?.jobs.at(-1)?.jobId }), [client]);
  const { pages, status, more, loadingMore, loadMore, reload } = usePages(fetchPage, isOnline);
  const isMine = useCallback(({ clientId }: ProposalSummary) => clientId === me.userId, [me.userId]);
  useTold(reload, isMine);
  return useMemo(
    () => ({
      jobs: pages.flatMap(({ jobs }) => jobs),
      users: usersOf(pages, inbox.users),
      ...{ status, more, loadingMore, loadMore, reload },
    }),
    [pages, inbox.users, status, more, loadingMore, loadMore, reload],
  );
};
