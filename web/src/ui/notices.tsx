/** Short notices at the bottom of the window, which go by themselves: what went wrong, and what was done and can be taken back. */
import { Check, CircleAlert, X } from 'lucide-react';
import { createContext, type ReactNode, useCallback, useContext, useEffect, useState } from 'react';
import { isWriting } from '../lib/focus.ts';
import { Button, IconButton } from './button.tsx';
import css from './notices.module.css';

export interface NoticeOptions {
  /** It was done, and this takes it back: by a button, and by Ctrl+Z where one is not writing. */
  readonly undo?: () => void;
  /** It was done, as one wanted. */
  readonly done?: boolean;
}

export type Notify = (text: string, options?: NoticeOptions) => void;

interface Notice extends NoticeOptions {
  readonly id: number;
  readonly text: string;
}

const SHOWN_MS = 7_000;
/** Long enough to find the button by keyboard; it stays while it is pointed at or has the focus. */
const UNDO_MS = 12_000;
const NotifyContext = createContext<Notify>(() => {});

export const useNotify = (): Notify => useContext(NotifyContext);

export const NoticesProvider = ({ children }: { readonly children: ReactNode }) => {
  const [notices, setNotices] = useState<readonly Notice[]>([]);
  const notify = useCallback<Notify>((text, options = {}) => {
    // Only the last thing done is taken back.
    const isOver = (notice: Notice): boolean => notice.text === text || (options.undo !== undefined && notice.undo !== undefined);
    setNotices((shown) => [...shown.filter((notice) => !isOver(notice)), { id: (shown.at(-1)?.id ?? 0) + 1, text, ...options }]);
  }, []);
  const dismiss = useCallback((id: number) => setNotices((shown) => shown.filter((notice) => notice.id !== id)), []);
  const cards = (isDone: boolean) =>
    notices
      .filter(({ undo }) => (undo !== undefined) === isDone)
      .map((notice) => <NoticeCard key={notice.id} notice={notice} onDismiss={dismiss} />);
  return (
    <NotifyContext value={notify}>
      {children}
      <div className={css.notices}>
        <div role="alert">{cards(false)}</div>
        <div role="status">{cards(true)}</div>
      </div>
    </NotifyContext>
  );
};

const NoticeCard = ({ notice, onDismiss }: { readonly notice: Notice; readonly onDismiss: (id: number) => void }) => {
  const { id, text, undo, done = undo !== undefined } = notice;
  const [isHeld, setIsHeld] = useState(false);
  useEffect(() => {
    if (isHeld) return;
    const timer = setTimeout(() => onDismiss(id), undo === undefined ? SHOWN_MS : UNDO_MS);
    return () => clearTimeout(timer);
  }, [id, undo, isHeld, onDismiss]);
  useEffect(() => {
    if (undo === undefined) return;
    const onKey = (event: KeyboardEvent): void => {
      const isUndo = event.key.toLowerCase() === 'z' && (event.ctrlKey || event.metaKey) && !event.altKey && !event.shiftKey;
      if (!isUndo || event.defaultPrevented || isWriting()) return;
      event.preventDefault();
      onDismiss(id);
      undo();
    };
    addEventListener('keydown', onKey);
    return () => removeEventListener('keydown', onKey);
  }, [id, undo, onDismiss]);
  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: it only stays while it is looked at.
    <div
      className={css.notice}
      data-done={done}
      onPointerEnter={() => setIsHeld(true)}
      onPointerLeave={() => setIsHeld(false)}
      onFocus={() => setIsHeld(true)}
      onBlur={() => setIsHeld(false)}
    >
      {done ? <Check aria-hidden size={18} /> : <CircleAlert aria-hidden size={18} />}
      <p>{text}</p>
      {undo !== undefined && (
        <Button
          size="s"
          aria-keyshortcuts="Control+Z Meta+Z"
          data-testid="undo"
          onClick={() => {
            onDismiss(id);
            undo();
          }}
        >
          Undo
        </Button>
      )}
      <IconButton label="Dismiss" icon={X} size="s" tip="none" onClick={() => onDismiss(id)} />
    </div>
  );
};
