/**
 * A button that shows a card with more about something. In the top layer, so that nothing that scrolls cuts it off. It takes the
 * focus; Escape, a press beside it and going on with Tab close it, and Escape gives the focus back.
 */
import {
  type ButtonHTMLAttributes,
  type FocusEvent,
  type KeyboardEvent,
  type ReactElement,
  type ReactNode,
  type Ref,
  useEffect,
  useId,
  useRef,
  useState,
} from 'react';
import { showBeside } from './beside.ts';
import css from './popover.module.css';

type TriggerProps = Pick<
  ButtonHTMLAttributes<HTMLButtonElement>,
  'aria-haspopup' | 'aria-expanded' | 'aria-controls' | 'onClick'
> & {
  readonly ref: Ref<HTMLButtonElement>;
};

interface Props {
  readonly label: string;
  readonly trigger: (props: TriggerProps) => ReactElement;
  /** `close` gives the focus back. */
  readonly children: (close: () => void) => ReactNode;
}

export const Popover = ({ label, trigger, children }: Props) => {
  const [open, setOpen] = useState(false);
  const cardId = useId();
  const button = useRef<HTMLButtonElement>(null);
  const card = useRef<HTMLDivElement>(null);

  useEffect(() => {
    const [panel, anchor] = [card.current, button.current];
    if (!open || panel === null || anchor === null) return;
    const hide = showBeside(panel, anchor, () => setOpen(false));
    panel.focus();
    return hide;
  }, [open]);

  const close = (): void => {
    setOpen(false);
    button.current?.focus();
  };

  const onKeyDown = (event: KeyboardEvent): void => {
    if (event.key !== 'Escape') return;
    event.preventDefault();
    event.stopPropagation();
    close();
  };

  const onBlur = ({ currentTarget, relatedTarget }: FocusEvent): void => {
    if (relatedTarget !== null && relatedTarget !== button.current && !currentTarget.contains(relatedTarget)) setOpen(false);
  };

  return (
    <>
      {trigger({
        ref: button,
        'aria-haspopup': 'dialog',
        'aria-expanded': open,
        ...(open ? { 'aria-controls': cardId } : {}),
        onClick: () => setOpen(!open),
      })}
      {open && (
        <div
          ref={card}
          id={cardId}
          role="dialog"
          aria-label={label}
          tabIndex={-1}
          // Light dismissal would close the card on the press of its button that the click then opens again.
          popover="manual"
          className={css.card}
          onKeyDown={onKeyDown}
          onBlur={onBlur}
        >
          {children(close)}
        </div>
      )}
    </>
  );
};
