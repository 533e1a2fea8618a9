/**
 * A modal dialog, or a sheet at the side (at the bottom on a phone). Takes the focus and gives it back; Escape and a press
 * beside it close it. The pages under it are inert (layers.tsx), which is what keeps the focus inside.
 */
import { X } from 'lucide-react';
import { type ReactNode, useEffect, useId, useRef } from 'react';
import { createPortal } from 'react-dom';
import { classes } from '../lib/classes.ts';
import { IconButton } from './button.tsx';
import css from './dialog.module.css';
import { useCover } from './layers.tsx';

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
  useCover();

  useEffect(() => {
    const before = document.activeElement;
    const first = panel.current?.querySelector<HTMLElement>('[data-autofocus]');
    first?.focus();
    // Nothing was to have the focus first, or it cannot have it yet.
    if (panel.current?.contains(document.activeElement) === false) panel.current.focus();
    return () => {
      // After the pages under the dialog have ceased to be inert.
      setTimeout(() => {
        if (before instanceof HTMLElement && before.isConnected && document.activeElement === document.body) before.focus();
      });
    };
  }, []);

  return createPortal(
    // biome-ignore lint/a11y/noStaticElementInteractions: a press beside the dialog is a convenience; Escape and the button do the same.
    <div
      className={classes(css.scrim, css[shape])}
      onPointerDown={(event) => event.target === event.currentTarget && onClose()}
      onKeyDown={(event) => {
        if (event.key !== 'Escape' || event.defaultPrevented) return;
        event.stopPropagation();
        onClose();
      }}
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
        <header className={css.header}>
          <h2 id={titleId}>{title}</h2>
          <IconButton label="Close" icon={X} tip="none" onClick={onClose} />
        </header>
        {children}
      </div>
    </div>,
    document.body,
  );
};

/** The part of a dialog that scrolls. */
export const DialogBody = ({ children }: { readonly children: ReactNode }) => <div className={css.body}>{children}</div>;

/** The buttons of a dialog, the one that does it last. */
export const DialogActions = ({ children }: { readonly children: ReactNode }) => <div className={css.actions}>{children}</div>;
