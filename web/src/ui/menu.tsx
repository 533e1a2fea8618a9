/**
 * A button that opens a menu. In the top layer, so that nothing that scrolls cuts it off. Arrow keys, Home, End and the first
 * letter move; Escape, Tab, a choice or a press beside it close it and give the focus back.
 */
import type { LucideIcon } from 'lucide-react';
import { Check } from 'lucide-react';
import {
  type ButtonHTMLAttributes,
  type KeyboardEvent,
  type ReactElement,
  type Ref,
  useCallback,
  useEffect,
  useId,
  useRef,
  useState,
} from 'react';
import { classes } from '../lib/classes.ts';
import { focusedBeside } from '../lib/focus.ts';
import { showBeside } from './beside.ts';
import css from './menu.module.css';

export interface MenuItem {
  readonly label: string;
  readonly icon?: LucideIcon;
  /** Shown at the end of the line. */
  readonly hint?: string;
  /** One of a choice, and whether it is the chosen one. */
  readonly checked?: boolean;
  readonly danger?: boolean;
  readonly run: () => void;
}

export interface MenuSection {
  readonly title?: string;
  readonly items: readonly MenuItem[];
}

type TriggerProps = Pick<
  ButtonHTMLAttributes<HTMLButtonElement>,
  'aria-haspopup' | 'aria-expanded' | 'aria-controls' | 'onClick'
> & {
  readonly ref: Ref<HTMLButtonElement>;
};

interface Props {
  readonly label: string;
  readonly sections: readonly MenuSection[];
  readonly trigger: (props: TriggerProps) => ReactElement;
  readonly onOpenChange?: (open: boolean) => void;
}

export const Menu = ({ label, sections, trigger, onOpenChange }: Props) => {
  const [open, setOpen] = useState(false);
  const menuId = useId();
  const button = useRef<HTMLButtonElement>(null);
  const menu = useRef<HTMLDivElement>(null);

  const change = useCallback(
    (next: boolean): void => {
      setOpen(next);
      onOpenChange?.(next);
    },
    [onOpenChange],
  );

  useEffect(() => {
    const [panel, anchor] = [menu.current, button.current];
    if (!open || panel === null || anchor === null) return;
    const hide = showBeside(panel, anchor, () => change(false));
    const chosen = panel.querySelector<HTMLElement>('[aria-checked="true"]') ?? panel.querySelector<HTMLElement>('button');
    chosen?.focus();
    return hide;
  }, [open, change]);

  const close = (): void => {
    change(false);
    button.current?.focus();
  };

  const onKeyDown = (event: KeyboardEvent<HTMLDivElement>): void => {
    const items = [...event.currentTarget.querySelectorAll<HTMLButtonElement>('button')];
    const at = items.indexOf(focusedBeside(event.currentTarget) as HTMLButtonElement);
    const moves: Readonly<Record<string, number>> = { ArrowDown: at + 1, ArrowUp: at - 1, Home: 0, End: items.length - 1 };
    const move = moves[event.key];
    if (move !== undefined) items.at(move % items.length)?.focus();
    else if (event.key === 'Escape') close();
    else if (event.key === 'Tab') change(false);
    else if (event.key.length === 1 && event.key !== ' ') {
      const after = [...items.slice(at + 1), ...items.slice(0, at + 1)];
      after.find((item) => item.textContent?.toLocaleLowerCase().startsWith(event.key.toLocaleLowerCase()))?.focus();
    } else return;
    if (event.key === 'Tab') return;
    event.preventDefault();
    event.stopPropagation();
  };

  return (
    <>
      {trigger({
        ref: button,
        'aria-haspopup': 'menu',
        'aria-expanded': open,
        ...(open ? { 'aria-controls': menuId } : {}),
        onClick: () => change(!open),
      })}
      {open && (
        <div
          ref={menu}
          id={menuId}
          role="menu"
          aria-label={label}
          tabIndex={-1}
          // Light dismissal would close the menu on the press of its button that the click then opens again.
          popover="manual"
          className={css.menu}
          onKeyDown={onKeyDown}
        >
          {sections.map((section, index) => (
            <MenuGroup key={section.title ?? index} section={section} onChoose={close} />
          ))}
        </div>
      )}
    </>
  );
};

const MenuGroup = ({ section, onChoose }: { readonly section: MenuSection; readonly onChoose: () => void }) => {
  const titleId = useId();
  return (
    // biome-ignore lint/a11y/useSemanticElements: a group of menu items is no fieldset.
    <div role="group" className={css.group} {...(section.title === undefined ? {} : { 'aria-labelledby': titleId })}>
      {section.title !== undefined && (
        <div className={css.title} id={titleId}>
          {section.title}
        </div>
      )}
      {section.items.map(({ label, icon: Icon, hint, checked, danger = false, run }) => (
        <button
          key={label}
          type="button"
          {...(checked === undefined ? { role: 'menuitem' } : { role: 'menuitemradio', 'aria-checked': checked })}
          tabIndex={-1}
          className={classes(css.item, danger && css.danger)}
          onClick={() => {
            onChoose();
            run();
          }}
        >
          {Icon !== undefined && <Icon aria-hidden size={16} />}
          <span className={css.label}>{label}</span>
          {hint !== undefined && <span className={css.hint}>{hint}</span>}
          {checked === true && <Check aria-hidden size={16} className={css.check} />}
        </button>
      ))}
    </div>
  );
};
