/** Something is wrong that keeps the conversation from being shown: said in its place, and to the page. */
import type { LucideIcon } from 'lucide-react';
import { type ReactNode, useEffect } from 'react';
import { EmptyState } from '../ui/empty-state.tsx';
import css from './embed-root.module.css';
import type { Tell } from './host-events.ts';

interface Props {
  readonly code: string;
  readonly icon: LucideIcon;
  readonly title: string;
  readonly children: string;
  readonly actions?: ReactNode;
  readonly tell: Tell;
}

export const Problem = ({ code, icon, title, children, actions, tell }: Props) => {
  useEffect(() => tell('parley-error', { code, message: `${title}. ${children}` }), [tell, code, title, children]);
  return (
    <div className={css.place} role="alert" data-testid="problem" data-code={code}>
      <EmptyState icon={icon} title={title} actions={actions ?? false}>
        {children}
      </EmptyState>
    </div>
  );
};
