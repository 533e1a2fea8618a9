/**
 * The proposals one sent, as far as their list was read, and the newest that one received; asked for anew as proposals come and
 * change. What the threads know of theirs lies over it. A job's own list is in ../jobs/use-job.ts.
 */
import { createContext, useCallback, useContext, useMemo } from 'react';
import type { Proposal, ProposalSide, Result, ThreadSummary, User, UserId } from '../../../protocol/index.ts';
import { useMe, useParley } from '../app/parley.tsx';
import { type Pages, usePages } from '../lib/use-pages.ts';
import { useReadable } from '../lib/use-readable.ts';
import { useTold } from './use-told.ts';

export interface KnownProposal extends Proposal {
  /** For a job of one's own. */
  readonly isReceived: boolean;
}

export interface Proposals {
  readonly status: 'loading' | 'ready' | 'failed';
  readonly list: readonly KnownProposal[];
  readonly users: ReadonlyMap<UserId, User>;
  /** Of those one sent. */
  readonly sentPages: Pick<Pages<unknown>, 'more' | 'loadingMore' | 'loadMore'>;
  reload(): void;
}

export const NO_PAGES: Proposals['sentPages'] = { more: false, loadingMore: false, loadMore: () => {} };

const ProposalsContext = createContext<Proposals>({
  status: 'loading',
  list: [],
  users: new Map(),
  sentPages: NO_PAGES,
  reload: () => {},
});

export const ProposalsProvider = ProposalsContext;

export const useProposals = (): Proposals => useContext(ProposalsContext);

type Page = Result<'proposal.list'>;

/** For `usePages`: the page behind the one before. */
export const proposalPlace = (before: Page | undefined): Pick<Proposal, 'submittedAt' | 'proposalId'> | undefined => {
  const last = before?.proposals.at(-1);
  return last && { submittedAt: last.submittedAt, proposalId: last.proposalId };
};

const useSide = (side: ProposalSide, isOnline: boolean): Pages<Page> => {
  const { client } = useParley();
  const fetchPage = useCallback(
    (before: Page | undefined) => client.proposals({ side, before: proposalPlace(before) }),
    [client, side],
  );
  return usePages(fetchPage, isOnline);
};

/** For the shell, which provides it to all. */
export const useLoadedProposals = (): Proposals => {
  const { client } = useParley();
  const me = useMe();
  const inbox = useReadable(client.inbox);
  const isOnline = useReadable(client.connection).status === 'online';
  const sent = useSide('sent', isOnline);
  const received = useSide('received', isOnline);
  const reload = useCallback(() => {
    sent.reload();
    received.reload();
  }, [sent.reload, received.reload]);
  useTold(reload, anyProposal);

  const answers = useMemo(() => [...sent.pages, ...received.pages], [sent.pages, received.pages]);
  return useMemo(
    () => ({
      status: statusOf(sent.status, received.status),
      list: answers.flatMap(({ proposals }) => proposals.map((one) => knownProposal(one, inbox.threads, me.userId))),
      users: usersOf(answers, inbox.users),
      sentPages: { more: sent.more, loadingMore: sent.loadingMore, loadMore: sent.loadMore },
      reload,
    }),
    [answers, sent, received.status, inbox, me.userId, reload],
  );
};

const anyProposal = (): boolean => true;

const statusOf = (...all: readonly Proposals['status'][]): Proposals['status'] =>
  (['failed', 'loading'] as const).find((status) => all.includes(status)) ?? 'ready';

/** Those who were named with the lists; what the inbox knows of them is newer. */
export const usersOf = (
  answers: readonly { readonly users: readonly User[] }[],
  known: ReadonlyMap<UserId, User>,
): ReadonlyMap<UserId, User> =>
  new Map([...answers.flatMap(({ users }) => users.map((user) => [user.userId, user] as const)), ...known]);

/** A proposal as the newest of what is known says. */
export const knownProposal = (proposal: Proposal, threads: readonly ThreadSummary[], meId: UserId): KnownProposal => {
  const thread = threads.find((one) => one.proposal?.proposalId === proposal.proposalId);
  return {
    ...proposal,
    status: thread?.proposal?.status ?? proposal.status,
    threadId: thread?.threadId ?? proposal.threadId,
    isReceived: proposal.clientId === meId,
  };
};
