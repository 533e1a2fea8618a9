/** Where a request is about something said: in a thread, or as the first message to a proposal. */
import type { ThreadId } from '../../protocol/index.ts';

/** The protocol lets exactly one of them through. */
export const whereSaid = ({
  threadId,
  proposalId,
}: {
  threadId?: ThreadId | undefined;
  proposalId?: string | undefined;
}): { threadId: ThreadId } | { proposalId: string } => (threadId === undefined ? { proposalId: proposalId! } : { threadId });
