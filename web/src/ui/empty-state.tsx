/** What a place says when there is nothing in it, and what to do about that. */
import type { LucideIcon } from 'lucide-react';
import type { ReactNode } from 'react';
import css from './empty-state.module.css';

interface Props {
  readonly icon: LucideIcon;
  readonly title: string;
  /** Whether it is all that the page says. */
  readonly page?: boolean;
  readonly children?: ReactNode;
  readonly actions?: ReactNode;
}

export const EmptyState = ({ icon: Icon, title, page = false, children, actions }: Props) => {
  const Title = page ? 'h1' : 'h2';
  return (
    <div className={css.empty}>
      <span className={css.icon}>
        <Icon aria-hidden size={24} strokeWidth={1.7} />
      </span>
      <Title>{title}</Title>
      {children !== undefined && <p>{children}</p>}
      {actions !== undefined && actions !== false && <div className={css.actions}>{actions}</div>}
    </div>
  );
};
