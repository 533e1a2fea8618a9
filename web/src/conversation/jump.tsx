/** The way back to the newest message. It goes when one is there, and must not take the focus with it. */
import { ArrowDown } from 'lucide-react';
import { type RefObject, useLayoutEffect, useRef } from 'react';
import { focusedBeside } from '../lib/focus.ts';
import { Button } from '../ui/button.tsx';
import css from './timeline.module.css';

interface Props {
  readonly unread: number;
  readonly scroller: RefObject<HTMLElement | null>;
  readonly onJump: () => void;
}

export const Jump = ({ unread, scroller, onJump }: Props) => {
  const button = useRef<HTMLButtonElement>(null);
  useLayoutEffect(() => {
    const one = button.current;
    // Runs before it is taken out of the page.
    return () => {
      if (one !== null && focusedBeside(one) === one) scroller.current?.focus({ preventScroll: true });
    };
  }, [scroller]);
  return (
    <div className={css.jump}>
      <Button ref={button} size="s" icon={ArrowDown} tone={unread > 0 ? 'primary' : 'secondary'} onClick={onJump}>
        {unread > 0 ? `${unread} new ${unread === 1 ? 'message' : 'messages'}` : 'Latest'}
      </Button>
    </div>
  );
};
