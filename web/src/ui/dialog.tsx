/**
 * A modal dialog, or a sheet at the side (at the bottom on a phone). Takes the focus and gives it back; Escape and a press
 * beside it close it. The pages under it are inert (layers.tsx), which is what keeps the focus inside; what else is in a page that
 * Parley is an element of is not ours to make inert, so there Tab goes round.
 */
import { X } from 'lucide-react';
import { type KeyboardEvent, type ReactNode, useEffect, useId, useRef } from 'react';
import { classes } from '../lib/classes.ts';
import { focusedBeside, isFocusLost, tabbableIn } from '../lib/focus.ts';
import { IconButton } from './button.tsx';
import css from './dialog.module.css';
import { useCover } from './layers.tsx';
import { Overlaid } from './overlaid.tsx';
import { useSurroundings } from './surroundings.tsx';

interface Props {
  readonly title: string;
  readonly onClose: () => void;
  readonly shape?: 'dialog' | 'wide' | 'sheet';
  /** A question that needs an answer. */
  readonly alert?: boolean;
  readonly children: ReactNode;
}

export const Dialog = ({ title, onClose, shape = 'dialog', alert = false, children }: Props) => {
  const titleId = useId();
  const panel = useRef<HTMLDivElement>(null);
  const { isWindow } = useSurroundings();
  useCover();

  useEffect(() => {
    const box = panel.current;
    if (box === null) return;
    const before = focusedBeside(box);
    box.querySelector<HTMLElement>('[data-autofocus]')?.focus();
    // Nothing was to have the focus first, or it cannot have it yet.
    if (!box.contains(focusedBeside(box))) box.focus();
    return () => {
      // After the pages under the dialog have ceased to be inert.
      setTimeout(() => {
        if (before instanceof HTMLElement && before.isConnected && isFocusLost()) before.focus();
      });
    };
  }, []);

  const onKeyDown = (event: KeyboardEvent): void => {
    if (event.defaultPrevented) return;
    if (event.key === 'Tab' && !isWindow) goRound(event, panel.current);
    if (event.key !== 'Escape') return;
    event.stopPropagation();
    onClose();
  };

  return (
    <Overlaid>
      {/* biome-ignore lint/a11y/noStaticElementInteractions: a press beside the dialog is a convenience; Escape and the button do the same. */}
      <div
        className={classes(css.scrim, css[shape])}
        onPointerDown={(event) => event.target === event.currentTarget && onClose()}
        onKeyDown={onKeyDown}
      >
        {/* biome-ignore lint/a11y/useAriaPropsSupportedByRole: both of its roles support it. */}
        <div
          ref={panel}
          className={css.panel}
          role={alert ? 'alertdialog' : 'dialog'}
          aria-modal="true"
          aria-labelledby={titleId}
          tabIndex={-1}
        >
          <div className={css.header}>
            <h2 id={titleId}>{title}</h2>
            <IconButton label="Close" icon={X} tip="none" onClick={onClose} />
          </div>
          {children}
        </div>
      </div>
    </Overlaid>
  );
};

/** From the last thing in the box to its first, and back. */
const goRound = (event: KeyboardEvent, box: HTMLElement | null): void => {
  if (box === null) return;
  const stops = tabbableIn(box);
  const [first, last] = [stops[0], stops.at(-1)];
  const at = focusedBeside(box);
  const next = event.shiftKey && (at === first || at === box) ? last : !event.shiftKey && at === last ? first : undefined;
  if (next === undefined) return;
  event.preventDefault();
  next.focus();
};

/** The part of a dialog that scrolls. */
export const DialogBody = ({ children }: { readonly children: ReactNode }) => <div className={css.body}>{children}</div>;

/** The buttons of a dialog, the one that does it last. */
export const DialogActions = ({ children }: { readonly children: ReactNode }) => <div className={css.actions}>{children}</div>;
