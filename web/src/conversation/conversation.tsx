/** One conversation: its header, its timeline, who types, and the composer. */
import { CloudOff, Lock } from 'lucide-react';
import { useCallback, useEffect, useRef, useState } from 'react';
import type { ConnectionState, ThreadView } from '../../../client/types.ts';
import { contractStateOf, isReadOnly, type ThreadSummary, type UserId } from '../../../protocol/index.ts';
import { useMe, useParley } from '../app/parley.tsx';
import { useNavigate } from '../app/route.ts';
import { useReadable } from '../lib/use-readable.ts';
import { ComposerHelp, StayingSafe } from '../news/conversation-help.tsx';
import { firstNameOf, othersOf, threadName } from '../threads/people.ts';
import { Button } from '../ui/button.tsx';
import { EmptyState } from '../ui/empty-state.tsx';
import { SkeletonBubbles } from '../ui/skeleton.tsx';
import { useSurroundings } from '../ui/surroundings.tsx';
import { Composer } from './composer.tsx';
import css from './conversation.module.css';
import { Header } from './header.tsx';
import { Timeline } from './timeline.tsx';
import { TypingLine } from './typing-line.tsx';

interface Props {
  readonly threadId: string;
  /** The message one came for. */
  readonly offset?: number | undefined;
  readonly panelOpen?: boolean;
  /** None where the proposal is not shown beside it. */
  readonly onTogglePanel?: () => void;
}

export const Conversation = ({ threadId, offset, panelOpen = false, onTogglePanel }: Props) => {
  const { client } = useParley();
  const me = useMe();
  const navigate = useNavigate();
  const { isWindow } = useSurroundings();
  const thread = client.thread(threadId);
  const view = useReadable(thread.view);
  const { users } = useReadable(client.inbox);
  const connection = useReadable(client.connection);
  const [editing, setEditing] = useState<number | null>(null);
  const [posted, setPosted] = useState(0);
  const field = useRef<HTMLTextAreaElement>(null);
  useEffect(() => thread.open(), [thread]);

  const { summary } = view;
  const editLast = useCallback(() => {
    const offset = lastOwnOffset(thread.view.get(), me.userId);
    if (offset !== null) setEditing(offset);
  }, [thread, me.userId]);
  const edit = useCallback((offset: number | null) => {
    setEditing(offset);
    if (offset === null) field.current?.focus();
  }, []);

  if (view.status === 'failed')
    return (
      <div className={css.conversation}>
        <EmptyState
          page={isWindow}
          icon={view.error?.retryable === true ? CloudOff : Lock}
          title={view.error?.retryable === true ? 'The conversation could not be loaded' : 'This conversation is not open to you'}
          actions={isWindow && <Button onClick={() => navigate({ page: 'threads' })}>Back to conversations</Button>}
        >
          {view.error?.message}
        </EmptyState>
      </div>
    );

  const others = summary === null ? [] : othersOf(summary, me.userId, users);
  const recipient =
    others.length === 1 && others[0] !== undefined
      ? firstNameOf(others[0])
      : summary === null
        ? ''
        : threadName(summary, me.userId, users);
  return (
    <div className={css.conversation}>
      {summary !== null && <Header thread={summary} panelOpen={panelOpen} onTogglePanel={onTogglePanel ?? null} />}
      {summary !== null && <StayingSafe thread={summary} />}
      {summary === null || view.status === 'loading' ? (
        <SkeletonBubbles label="Loading the conversation" />
      ) : (
        <Timeline thread={thread} view={view} summary={summary} sought={offset} editing={editing} onEdit={edit} posted={posted} />
      )}
      <TypingLine typing={view.typing} users={users} />
      {summary !== null && <ComposerHelp thread={summary} />}
      <Composer
        field={field}
        thread={thread}
        recipient={recipient}
        blocked={blockedBy(connection, summary)}
        guarded={connection.status === 'online' && summary !== null && contractStateOf(summary.contracts) === 'before'}
        hint={connection.status === 'online' ? null : 'You can go on writing: it is sent when the connection is back.'}
        onPost={() => setPosted((count) => count + 1)}
        onEditLast={editLast}
      />
    </div>
  );
};

const blockedBy = (connection: ConnectionState, thread: ThreadSummary | null): string | null => {
  if (connection.status === 'closed') return 'You are signed out here';
  if (thread === null) return 'Loading…';
  if (!isReadOnly(thread)) return null;
  return thread.proposal?.status === 'declined' ? 'The proposal was declined' : 'The proposal is closed';
};

const lastOwnOffset = (view: ThreadView, meId: UserId): number | null => {
  const last = view.items.findLast(
    (item) =>
      item.kind === 'event' &&
      item.event.type === 'message.posted' &&
      item.event.message.senderId === meId &&
      item.event.message.deletedAt === null,
  );
  return last?.kind === 'event' ? last.event.offset : null;
};
