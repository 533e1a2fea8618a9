/** Rows of threads, each with its menu. */
import { EllipsisVertical } from 'lucide-react';
import type { Mark, ThreadId, ThreadSummary } from '../../../protocol/index.ts';
import { useMe, useParley } from '../app/parley.tsx';
import { useRoute } from '../app/route.ts';
import { useNow } from '../lib/use-now.ts';
import { useReadable } from '../lib/use-readable.ts';
import { IconButton } from '../ui/button.tsx';
import { Menu } from '../ui/menu.tsx';
import { othersOf, threadName } from './people.ts';
import { ThreadRow } from './thread-row.tsx';
import css from './thread-rows.module.css';
import { useMarkItems } from './use-mark-items.ts';

interface Props {
  readonly threads: readonly ThreadSummary[];
  /** The heading of the list, where it has one. */
  readonly labelledBy?: string;
  readonly onMark: (threadId: ThreadId, mark: Mark) => void;
}

export const ThreadRows = ({ threads, labelledBy, onMark }: Props) => {
  const { client } = useParley();
  const me = useMe();
  const route = useRoute();
  const { users } = useReadable(client.inbox);
  const presence = useReadable(client.presence);
  // Without a connection nobody knows who is there.
  const isConnected = useReadable(client.connection).status === 'online';
  const now = useNow();
  const selectedId = route.page === 'thread' ? route.threadId : null;
  return (
    <ul className={css.rows} aria-labelledby={labelledBy}>
      {threads.map((thread) => {
        const others = othersOf(thread, me.userId, users);
        const [other] = others.length === 1 ? others : [];
        return (
          <li key={thread.threadId} className={css.item}>
            <ThreadRow
              thread={thread}
              meId={me.userId}
              users={users}
              online={other === undefined || !isConnected ? undefined : presence.get(other.userId)?.online}
              selected={thread.threadId === selectedId}
              now={now}
            />
            <RowMenu thread={thread} name={threadName(thread, me.userId, users)} onMark={onMark} />
          </li>
        );
      })}
    </ul>
  );
};

const RowMenu = ({ thread, name, onMark }: { thread: ThreadSummary; name: string; onMark: Props['onMark'] }) => {
  const items = useMarkItems(thread, name, (mark) => onMark(thread.threadId, mark));
  return (
    <span className={css.menu}>
      <Menu
        label={`Options for ${name}`}
        sections={[{ items }]}
        trigger={(props) => (
          <IconButton
            {...props}
            label={`Options for ${name}`}
            icon={EllipsisVertical}
            size="s"
            tip="none"
            data-testid={`options-${thread.threadId}`}
          />
        )}
      />
    </span>
  );
};
