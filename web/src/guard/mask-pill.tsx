/** A mark in a message: what is under it, why, until when, and for its sender a way to a moderator. */
import { EyeOff } from 'lucide-react';
import { useState } from 'react';
import type { Appeal, ThreadClient } from '../../../client/types.ts';
import type { GuardCategory, Offset } from '../../../protocol/index.ts';
import { Button } from '../ui/button.tsx';
import { Popover } from '../ui/popover.tsx';
import { AppealDialog } from './appeal-dialog.tsx';
import { AppealState } from './appeal-state.tsx';
import css from './mask-pill.module.css';
import { CATEGORY_TEXT, reasonText } from './words.ts';

interface Props {
  readonly thread: ThreadClient;
  readonly offset: Offset;
  readonly category: GuardCategory;
  readonly own: boolean;
  /** One's own about this message, once there is one. */
  readonly appeal: Appeal | undefined;
}

export const MaskPill = ({ thread, offset, category, own, appeal }: Props) => {
  const [isAppealing, setIsAppealing] = useState(false);
  return (
    <>
      <Popover
        label="Why this is hidden"
        trigger={(props) => (
          <button {...props} type="button" className={css.pill} data-testid="mask" data-category={category}>
            <EyeOff aria-hidden size={13} />
            hidden: {CATEGORY_TEXT[category]}
          </button>
        )}
      >
        {(close) => (
          <div className={css.why}>
            <p>
              {own
                ? `What you wrote here ${reasonText(category)} It is kept sealed, and shown in this place when the contract starts.`
                : `What is written here ${reasonText(category)} Such things stay hidden before a contract, and are shown in this place when it starts.`}
            </p>
            {own && appeal !== undefined && <AppealState appeal={appeal} />}
            {own && appeal === undefined && (
              <Button
                size="s"
                data-testid="appeal"
                onClick={() => {
                  close();
                  setIsAppealing(true);
                }}
              >
                Ask a moderator
              </Button>
            )}
          </div>
        )}
      </Popover>
      {isAppealing && <AppealDialog ask={(reason) => thread.appeal(offset, reason)} onClose={() => setIsAppealing(false)} />}
    </>
  );
};
