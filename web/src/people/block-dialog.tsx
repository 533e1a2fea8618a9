/** Asks before a person is blocked, and says what that does. */
import { Ban } from 'lucide-react';
import type { User } from '../../../protocol/index.ts';
import { firstNameOf } from '../threads/people.ts';
import { Button } from '../ui/button.tsx';
import { Dialog, DialogActions, DialogBody } from '../ui/dialog.tsx';
import css from './dialogs.module.css';
import { useBlock } from './use-block.ts';

export const BlockDialog = ({ person, onClose }: { readonly person: User; readonly onClose: () => void }) => {
  const { block } = useBlock(person);
  const name = firstNameOf(person);
  return (
    <Dialog title={`Block ${person.displayName}?`} alert onClose={onClose}>
      <DialogBody>
        <p className={css.text}>
          {`${name} can no longer write to you or call you here, and neither of you sees when the other is online. In group conversations both of you go on. ${name} is not told. You can undo this at any time.`}
        </p>
      </DialogBody>
      <DialogActions>
        <Button onClick={onClose} data-autofocus>
          Cancel
        </Button>
        <Button
          tone="danger"
          icon={Ban}
          data-testid="block"
          onClick={() => {
            onClose();
            block(true);
          }}
        >
          Block
        </Button>
      </DialogActions>
    </Dialog>
  );
};
