/**
 * The one place that knows where jobs come from: today the proposals that one received say which jobs there are, so a job shows once
 * somebody has answered it. A list of jobs from the server goes in here, and nowhere else.
 */
import { useMemo } from 'react';
import type { User, UserId } from '../../../protocol/index.ts';
import { type KnownProposal, useProposals } from '../proposals/use-proposals.ts';

export interface JobView {
  readonly jobId: string;
  readonly title: string;
  readonly description: string;
  /** Newest first. */
  readonly proposals: readonly KnownProposal[];
}

export interface Jobs {
  readonly status: 'loading' | 'ready' | 'failed';
  /** The one with the newest proposal first. */
  readonly jobs: readonly JobView[];
  readonly users: ReadonlyMap<UserId, User>;
  reload(): void;
}

export const useJobs = (): Jobs => {
  const { status, list, users, reload } = useProposals();
  const jobs = useMemo(() => jobsOf(list), [list]);
  return { status, jobs, users, reload };
};

/** The jobs that one received proposals for. */
export const jobsOf = (proposals: readonly KnownProposal[]): JobView[] => {
  const received = proposals.filter(({ isReceived }) => isReceived);
  return [...Map.groupBy(received, ({ jobId }) => jobId)]
    .map(([jobId, all]) => {
      const newestFirst = all.toSorted((a, b) => b.submittedAt - a.submittedAt);
      return {
        jobId,
        title: newestFirst[0]?.jobTitle ?? '',
        description: newestFirst[0]?.jobDescription ?? '',
        proposals: newestFirst,
      };
    })
    .toSorted((a, b) => (b.proposals[0]?.submittedAt ?? 0) - (a.proposals[0]?.submittedAt ?? 0));
};
