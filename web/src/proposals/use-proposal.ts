/** A proposal by its id, and its thread as soon as it has one, whoever opens it. */
import { useCallback, useEffect, useState } from 'react';
import type { Client } from '../../../client/types.ts';
import { ProtocolError } from '../../../protocol/index.ts';
import { useReadable } from '../lib/use-readable.ts';

type Answer = Awaited<ReturnType<Client['proposal']>>;

interface Loaded {
  readonly answer: Answer | null;
  /** Only while there is no answer. */
  readonly error: ProtocolError | null;
  readonly threadId: string | null;
  retry(): void;
}

export const useProposal = (client: Client, proposalId: string): Loaded => {
  const [answer, setAnswer] = useState<Answer | null>(null);
  const [error, setError] = useState<ProtocolError | null>(null);
  const [attempt, setAttempt] = useState(0);
  const isOnline = useReadable(client.connection).status === 'online';
  const { threads } = useReadable(client.inbox);

  // biome-ignore lint/correctness/useExhaustiveDependencies: `attempt` is what asks again.
  useEffect(() => {
    if (!isOnline) return;
    let stale = false;
    client.proposal(proposalId).then(
      (next) => {
        if (stale) return;
        setAnswer(next);
        setError(null);
      },
      (refusal: unknown) =>
        stale || setError(refusal instanceof ProtocolError ? refusal : new ProtocolError('internal', 'Something went wrong.')),
    );
    return () => {
      stale = true;
    };
  }, [client, proposalId, isOnline, attempt]);

  const retry = useCallback(() => setAttempt((count) => count + 1), []);
  // Of one without a conversation nothing else tells.
  useEffect(
    () =>
      client.onProposal((changed) => {
        if (changed.proposalId === proposalId) retry();
      }),
    [client, proposalId, retry],
  );

  const mine = answer?.proposal.proposalId === proposalId ? answer : null;
  const live = threads.find(({ proposal }) => proposal?.proposalId === proposalId)?.threadId;
  return {
    answer: mine,
    error: mine === null ? error : null,
    threadId: live ?? mine?.proposal.threadId ?? null,
    retry,
  };
};
