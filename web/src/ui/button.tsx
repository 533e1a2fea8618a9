/** Buttons: with words, or an icon with a name that a tooltip shows. */
import type { LucideIcon } from 'lucide-react';
import type { ButtonHTMLAttributes, ReactNode, Ref } from 'react';
import { classes } from '../lib/classes.ts';
import css from './button.module.css';
import { Spinner } from './spinner.tsx';

export type Tone = 'primary' | 'secondary' | 'ghost' | 'danger' | 'success';

type Native = Omit<ButtonHTMLAttributes<HTMLButtonElement>, 'className'> & { readonly ref?: Ref<HTMLButtonElement> };

interface ButtonProps extends Native {
  readonly tone?: Tone;
  readonly size?: 's' | 'm' | 'l';
  readonly icon?: LucideIcon;
  readonly busy?: boolean;
  /** Takes the whole width. */
  readonly wide?: boolean;
  readonly children: ReactNode;
}

export const Button = ({
  tone = 'secondary',
  size = 'm',
  icon: Icon,
  busy = false,
  wide = false,
  children,
  disabled,
  ...rest
}: ButtonProps) => (
  <button
    type="button"
    {...rest}
    disabled={disabled === true || busy}
    aria-busy={busy || undefined}
    className={classes(css.button, css[tone], css[size], wide && css.wide)}
  >
    {busy ? <Spinner /> : Icon !== undefined && <Icon aria-hidden size={size === 'l' ? 18 : 16} strokeWidth={2} />}
    <span>{children}</span>
  </button>
);

interface IconButtonProps extends Native {
  /** The button's name, and its tooltip. */
  readonly label: string;
  readonly icon: LucideIcon;
  readonly tone?: Tone;
  readonly size?: 's' | 'm' | 'l';
  /** Where the tooltip goes. */
  readonly tip?: 'above' | 'below' | 'below-end' | 'none';
  /** Shown in the tooltip: a key that does the same. */
  readonly shortcut?: string;
}

const ICON_SIZE = { s: 16, m: 18, l: 21 } as const;

export const IconButton = ({
  label,
  icon: Icon,
  tone = 'ghost',
  size = 'm',
  tip = 'below',
  shortcut,
  ...rest
}: IconButtonProps) => (
  <button
    type="button"
    aria-label={label}
    aria-keyshortcuts={shortcut}
    {...rest}
    data-tip={shortcut === undefined ? label : `${label} (${shortcut})`}
    className={classes(css.button, css.icon, css[tone], css[size], tip !== 'none' && css.tip, css[tip])}
  >
    <Icon aria-hidden size={ICON_SIZE[size]} strokeWidth={1.9} />
  </button>
);
