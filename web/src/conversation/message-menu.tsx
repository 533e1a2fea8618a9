/** What one can do with a message: copy it; one's own, edit and delete it; another's, report it. */
import { Copy, Ellipsis, Flag, Pencil, Trash2 } from 'lucide-react';
import { useState } from 'react';
import type { ThreadClient } from '../../../client/types.ts';
import { type Message, ProtocolError } from '../../../protocol/index.ts';
import { plainText } from '../guard/masked.ts';
import { ReportDialog } from '../people/report-dialog.tsx';
import { useAnnounce } from '../ui/announcer.tsx';
import { Button, IconButton } from '../ui/button.tsx';
import { Dialog, DialogActions, DialogBody } from '../ui/dialog.tsx';
import { Menu, type MenuItem } from '../ui/menu.tsx';
import { useNotify } from '../ui/notices.tsx';
import css from './message-menu.module.css';

interface Props {
  readonly thread: ThreadClient;
  readonly message: Message;
  readonly own: boolean;
  /** Of the sender. */
  readonly name: string;
  readonly onEdit: (offset: number) => void;
}

export const MessageMenu = ({ thread, message, own, name, onEdit }: Props) => {
  const announce = useAnnounce();
  const notify = useNotify();
  const [isDeleting, setIsDeleting] = useState(false);
  const [isReporting, setIsReporting] = useState(false);

  const copy = async (): Promise<void> => {
    try {
      await navigator.clipboard.writeText(plainText(message));
      announce('Copied');
    } catch {
      notify('The browser did not allow copying. Select the text instead.');
    }
  };

  const items: MenuItem[] = [
    { label: 'Copy text', icon: Copy, run: () => void copy() },
    ...(own
      ? [
          { label: 'Edit', icon: Pencil, hint: 'Up arrow', run: () => onEdit(message.offset) },
          { label: 'Delete', icon: Trash2, danger: true, run: () => setIsDeleting(true) },
        ]
      : [{ label: 'Report…', icon: Flag, run: () => setIsReporting(true) }]),
  ];

  return (
    <span className={css.menu}>
      <Menu
        label="Message"
        sections={[{ items }]}
        trigger={(props) => <IconButton {...props} label="More" icon={Ellipsis} size="s" tip="none" />}
      />
      {isDeleting && <DeleteDialog thread={thread} message={message} onClose={() => setIsDeleting(false)} />}
      {isReporting && (
        <ReportDialog threadId={message.threadId} about={message} name={name} onClose={() => setIsReporting(false)} />
      )}
    </span>
  );
};

const DeleteDialog = ({
  thread,
  message,
  onClose,
}: {
  readonly thread: ThreadClient;
  readonly message: Message;
  readonly onClose: () => void;
}) => {
  const notify = useNotify();
  const remove = (): void => {
    onClose();
    thread.delete(message.offset).catch((error: unknown) => {
      notify(error instanceof ProtocolError ? error.message : 'The message could not be deleted. Try again.');
    });
  };
  return (
    <Dialog title="Delete this message?" alert onClose={onClose}>
      <DialogBody>
        <p className={css.question}>Its text is erased for everybody. That a message was here stays visible.</p>
        <blockquote className={css.quote}>{plainText(message)}</blockquote>
      </DialogBody>
      <DialogActions>
        <Button onClick={onClose} data-autofocus>
          Keep it
        </Button>
        <Button tone="danger" icon={Trash2} onClick={remove}>
          Delete
        </Button>
      </DialogActions>
    </Dialog>
  );
};
