/** What the guard would do with what one writes, under the field. */
import { EyeOff, Hand, ShieldAlert, UserCheck, X } from 'lucide-react';
import { classes } from '../lib/classes.ts';
import { IconButton } from '../ui/button.tsx';
import { Findings } from './findings.tsx';
import css from './guard-notice.module.css';
import { type Notice, OUTCOME_TEXT, strictestOf } from './words.ts';

interface Props {
  /** For the field to name as its description. */
  readonly id: string;
  readonly notices: readonly Notice[];
  readonly onHide: () => void;
}

const ICONS = { warn: ShieldAlert, mask: EyeOff, hold: UserCheck, block: Hand } as const;

export const GuardNotice = ({ id, notices, onHide }: Props) => {
  const action = strictestOf(notices);
  if (action === null) return null;
  const Icon = ICONS[action];
  return (
    <div className={classes(css.notice, action === 'block' && css.block)} data-testid="guard-notice" data-action={action}>
      <Icon aria-hidden size={17} />
      <div id={id} className={css.text}>
        <p className={css.outcome}>{OUTCOME_TEXT[action]}.</p>
        <Findings notices={notices} outcome={action} />
      </div>
      <IconButton label="Hide this notice" icon={X} size="s" tip="none" shortcut="Escape" onClick={onHide} />
    </div>
  );
};
