/** What stands in the place of a list that is not there: on its way, not to be had, or not there yet. */
import { CloudOff, type LucideIcon } from 'lucide-react';
import type { ReactNode } from 'react';
import { Button } from './button.tsx';
import { EmptyState } from './empty-state.tsx';
import { SkeletonRows } from './skeleton.tsx';

interface Props {
  readonly status: 'loading' | 'ready' | 'failed';
  /** "proposals", "jobs". */
  readonly what: string;
  readonly isEmpty: boolean;
  readonly empty: { readonly icon: LucideIcon; readonly title: string; readonly text: string };
  readonly onRetry: () => void;
  readonly children: ReactNode;
}

export const ListState = ({ status, what, isEmpty, empty, onRetry, children }: Props) => {
  if (status === 'loading') return <SkeletonRows label={`Loading ${what}`} count={3} />;
  if (status === 'failed')
    return (
      <EmptyState
        icon={CloudOff}
        title={`The ${what} could not be loaded`}
        actions={<Button onClick={onRetry}>Try again</Button>}
      >
        The connection may be slow or down.
      </EmptyState>
    );
  if (isEmpty)
    return (
      <EmptyState icon={empty.icon} title={empty.title}>
        {empty.text}
      </EmptyState>
    );
  return children;
};
