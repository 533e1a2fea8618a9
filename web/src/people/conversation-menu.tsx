/** What one can do about the person one talks with: report them, block them. */
import { Ban, EllipsisVertical, Flag, Undo2 } from 'lucide-react';
import { useEffect, useState } from 'react';
import type { User } from '../../../protocol/index.ts';
import { useParley } from '../app/parley.tsx';
import { useReadable } from '../lib/use-readable.ts';
import { firstNameOf } from '../threads/people.ts';
import { IconButton } from '../ui/button.tsx';
import { Menu, type MenuItem } from '../ui/menu.tsx';
import { BlockDialog } from './block-dialog.tsx';
import { ReportDialog } from './report-dialog.tsx';
import { useBlock } from './use-block.ts';

interface Props {
  readonly threadId: string;
  readonly person: User;
  /** What comes before. */
  readonly items: readonly MenuItem[];
}

export const ConversationMenu = ({ threadId, person, items: others }: Props) => {
  const { client } = useParley();
  const isOnline = useReadable(client.connection).status === 'online';
  const { isBlocked, block } = useBlock(person);
  const [asking, setAsking] = useState<'report' | 'block' | null>(null);
  const name = firstNameOf(person);
  const close = (): void => setAsking(null);

  // Another device may have blocked or unblocked; what cannot be loaded is asked again with the next connection.
  useEffect(() => {
    if (isOnline) client.loadBlocked().catch(() => {});
  }, [client, isOnline]);

  const items: MenuItem[] = [
    { label: `Report ${name}…`, icon: Flag, run: () => setAsking('report') },
    isBlocked
      ? { label: `Unblock ${name}`, icon: Undo2, run: () => block(false) }
      : { label: `Block ${name}…`, icon: Ban, danger: true, run: () => setAsking('block') },
  ];

  return (
    <>
      <Menu
        label="Conversation"
        sections={others.length === 0 ? [{ items }] : [{ items: others }, { items }]}
        trigger={(props) => (
          <IconButton
            {...props}
            label="Conversation options"
            icon={EllipsisVertical}
            tip="none"
            data-testid="conversation-menu"
          />
        )}
      />
      {asking === 'report' && <ReportDialog threadId={threadId} about={{ userId: person.userId }} name={name} onClose={close} />}
      {asking === 'block' && <BlockDialog person={person} onClose={close} />}
    </>
  );
};
