/** What one can do about the person one talks with, as items of a menu: report them, block them; and what is asked before. */
import { Ban, Flag, Undo2 } from 'lucide-react';
import { type ReactNode, useEffect, useState } from 'react';
import type { User } from '../../../protocol/index.ts';
import { useParley } from '../app/parley.tsx';
import { useReadable } from '../lib/use-readable.ts';
import { firstNameOf } from '../threads/people.ts';
import type { MenuItem } from '../ui/menu.tsx';
import { BlockDialog } from './block-dialog.tsx';
import { ReportDialog } from './report-dialog.tsx';
import { useBlock } from './use-block.ts';

/** Nothing for a thread of several. */
export const usePersonItems = (
  threadId: string,
  person: User | undefined,
): { readonly items: readonly MenuItem[]; readonly dialog: ReactNode } => {
  const { client } = useParley();
  const isOnline = useReadable(client.connection).status === 'online';
  const { isBlocked, block } = useBlock(person);
  const [asking, setAsking] = useState<'report' | 'block' | null>(null);
  const close = (): void => setAsking(null);

  // Another device may have blocked or unblocked; what cannot be loaded is asked again with the next connection.
  useEffect(() => {
    if (isOnline) client.loadBlocked().catch(() => {});
  }, [client, isOnline]);

  if (person === undefined) return { items: [], dialog: null };
  const name = firstNameOf(person);
  return {
    items: [
      { label: `Report ${name}…`, icon: Flag, run: () => setAsking('report') },
      isBlocked
        ? { label: `Unblock ${name}`, icon: Undo2, run: () => block(false) }
        : { label: `Block ${name}…`, icon: Ban, danger: true, run: () => setAsking('block') },
    ],
    dialog:
      asking === 'report' ? (
        <ReportDialog threadId={threadId} about={{ userId: person.userId }} name={name} onClose={close} />
      ) : asking === 'block' ? (
        <BlockDialog person={person} onClose={close} />
      ) : null,
  };
};
