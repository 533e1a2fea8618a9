/** One job and its proposals, page by page, asked for anew as proposals for it come and change. */
import { useCallback, useMemo } from 'react';
import {
  type JobSummary,
  type ProposalSummary,
  ProtocolError,
  type Result,
  type User,
  type UserId,
} from '../../../protocol/index.ts';
import { useMe, useParley } from '../app/parley.tsx';
import { type Pages, usePages } from '../lib/use-pages.ts';
import { useReadable } from '../lib/use-readable.ts';
import { type KnownProposal, knownProposal, proposalPlace, usersOf } from '../proposals/use-proposals.ts';
import { useTold } from '../proposals/use-told.ts';

export interface JobView extends Pick<Pages<unknown>, 'status' | 'more' | 'loadingMore' | 'loadMore' | 'reload'> {
  /** Null when there is none of one's own of this id. */
  readonly job: JobSummary | null;
  /** Newest first. */
  readonly proposals: readonly KnownProposal[];
  readonly users: ReadonlyMap<UserId, User>;
}

/** The first page has the job as well. */
type Page = Result<'proposal.list'> & { readonly job: JobSummary | null };

const NONE: Page = { job: null, proposals: [], users: [], more: false };

export const useJob = (jobId: string): JobView => {
  const { client } = useParley();
  const me = useMe();
  const inbox = useReadable(client.inbox);
  const isOnline = useReadable(client.connection).status === 'online';
  const fetchPage = useCallback(
    async (before: Page | undefined): Promise<Page> => {
      try {
        const [{ job }, page] = await Promise.all([
          before === undefined || before.job === null ? client.job(jobId) : before,
          client.proposals({ jobId, before: proposalPlace(before) }),
        ]);
        return { ...page, job };
      } catch (error) {
        if (error instanceof ProtocolError && error.code === 'not_found') return NONE;
        throw error;
      }
    },
    [client, jobId],
  );
  const { pages, status, more, loadingMore, loadMore, reload } = usePages(fetchPage, isOnline);
  const isOfJob = useCallback((proposal: ProposalSummary) => proposal.jobId === jobId, [jobId]);
  useTold(reload, isOfJob);
  return useMemo(
    () => ({
      job: pages[0]?.job ?? null,
      proposals: pages.flatMap(({ proposals }) => proposals.map((one) => knownProposal(one, inbox.threads, me.userId))),
      users: usersOf(pages, inbox.users),
      ...{ status, more, loadingMore, loadMore, reload },
    }),
    [pages, inbox, me.userId, status, more, loadingMore, loadMore, reload],
  );
};
