/**
 * The proposals one sent or received. The server sends no events for proposals without a thread, so the list is asked for when it
 * comes into view and after each reconnection; what the threads know of theirs lies over it.
 */
import { createContext, useCallback, useContext, useEffect, useMemo, useState } from 'react';
import type { Client } from '../../../client/types.ts';
import type { Proposal, ThreadSummary, User, UserId } from '../../../protocol/index.ts';
import { useMe, useParley } from '../app/parley.tsx';
import { useReadable } from '../lib/use-readable.ts';

export interface KnownProposal extends Proposal {
  /** For a job of one's own. */
  readonly isReceived: boolean;
}

export interface Proposals {
  readonly status: 'loading' | 'ready' | 'failed';
  readonly list: readonly KnownProposal[];
  readonly users: ReadonlyMap<UserId, User>;
  reload(): void;
}

const ProposalsContext = createContext<Proposals>({ status: 'loading', list: [], users: new Map(), reload: () => {} });

export const ProposalsProvider = ProposalsContext;

export const useProposals = (): Proposals => useContext(ProposalsContext);

type Answer = Awaited<ReturnType<Client['proposals']>>;

/** For the shell, which provides it to all. */
export const useLoadedProposals = (): Proposals => {
  const { client } = useParley();
  const me = useMe();
  const inbox = useReadable(client.inbox);
  const isOnline = useReadable(client.connection).status === 'online';
  const [answer, setAnswer] = useState<Answer | null>(null);
  const [failed, setFailed] = useState(false);

  const reload = useCallback(() => {
    client.proposals().then(
      (next) => {
        setAnswer(next);
        setFailed(false);
      },
      () => setFailed(true),
    );
  }, [client]);
  useEffect(() => {
    if (isOnline) reload();
  }, [isOnline, reload]);

  return useMemo(
    () => ({
      status: answer !== null ? 'ready' : failed ? 'failed' : 'loading',
      list: (answer?.proposals ?? []).map((proposal) => withThread(proposal, inbox.threads, me.userId)),
      users: new Map([...(answer?.users ?? []).map((user) => [user.userId, user] as const), ...inbox.users]),
      reload,
    }),
    [answer, failed, inbox, me.userId, reload],
  );
};

/** A proposal as the newest of what is known says. */
const withThread = (proposal: Proposal, threads: readonly ThreadSummary[], meId: UserId): KnownProposal => {
  const thread = threads.find((one) => one.proposal?.proposalId === proposal.proposalId);
  return {
    ...proposal,
    status: thread?.proposal?.status ?? proposal.status,
    threadId: thread?.threadId ?? proposal.threadId,
    isReceived: proposal.clientId === meId,
  };
};
