/** What the element shows: a thread, or a proposal until it has one. */
import { CloudOff, Lock } from 'lucide-react';
import { useEffect, useRef } from 'react';
import { useMe, useParley } from '../app/parley.tsx';
import { useProposal } from '../proposals/use-proposal.ts';
import { Button } from '../ui/button.tsx';
import { SkeletonBubbles } from '../ui/skeleton.tsx';
import { EmbeddedProposal } from './embedded-proposal.tsx';
import { EmbeddedThread } from './embedded-thread.tsx';
import type { Tell } from './host-events.ts';
import { Problem } from './problem.tsx';
import type { Settings } from './settings.ts';

interface Props {
  readonly settings: Settings;
  readonly tell: Tell;
}

export const Target = ({ settings: { thread, proposal }, tell }: Props) =>
  thread !== null ? (
    <Ready threadId={thread} proposalId={null} tell={tell}>
      <EmbeddedThread threadId={thread} tell={tell} />
    </Ready>
  ) : (
    proposal !== null && <ProposalTarget proposalId={proposal} tell={tell} />
  );

const ProposalTarget = ({ proposalId, tell }: { readonly proposalId: string; readonly tell: Tell }) => {
  const { client } = useParley();
  const { answer, error, threadId, retry } = useProposal(client, proposalId);
  const wasWithout = useRef(false);
  useEffect(() => {
    if (threadId === null) wasWithout.current ||= answer !== null;
    else if (wasWithout.current) {
      wasWithout.current = false;
      tell('parley-opened', { threadId, proposalId });
    }
  }, [answer, threadId, proposalId, tell]);

  if (threadId !== null)
    return (
      <Ready threadId={threadId} proposalId={proposalId} tell={tell}>
        <EmbeddedThread threadId={threadId} tell={tell} />
      </Ready>
    );
  if (answer !== null)
    return (
      <Ready threadId={null} proposalId={proposalId} tell={tell}>
        <EmbeddedProposal {...answer} onOpened={retry} />
      </Ready>
    );
  if (error === null) return <SkeletonBubbles label="Loading the proposal" />;
  return (
    <Problem
      code={error.code}
      icon={error.retryable ? CloudOff : Lock}
      title={error.retryable ? 'The proposal could not be loaded' : 'This proposal is not open to you'}
      actions={error.retryable && <Button onClick={retry}>Try again</Button>}
      tell={tell}
    >
      {error.message}
    </Problem>
  );
};

interface ReadyProps {
  readonly threadId: string | null;
  readonly proposalId: string | null;
  readonly tell: Tell;
  readonly children: React.ReactNode;
}

/** Once for what the page asked for; that a proposal got its conversation is another event. */
const Ready = ({ threadId, proposalId, tell, children }: ReadyProps) => {
  const { userId } = useMe();
  const told = useRef<string | null>(null);
  useEffect(() => {
    const what = proposalId ?? threadId;
    if (told.current === what) return;
    told.current = what;
    tell('parley-ready', { threadId, proposalId, userId });
  }, [threadId, proposalId, userId, tell]);
  return children;
};
