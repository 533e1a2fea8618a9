/** Short notices at the bottom of the window: what went wrong, or what was done and how to undo it. They go by themselves. */
import { CircleAlert, CircleCheck, X } from 'lucide-react';
import { createContext, type ReactNode, useCallback, useContext, useEffect, useState } from 'react';
import { Button, IconButton } from './button.tsx';
import css from './notices.module.css';

interface NoticeOptions {
  /** Of something that was done, as one wanted. */
  readonly done?: boolean;
  readonly action?: { readonly label: string; readonly run: () => void };
}

export type Notify = (text: string, options?: NoticeOptions) => void;

interface Notice extends NoticeOptions {
  readonly id: number;
  readonly text: string;
}

const SHOWN_MS = 7_000;
/** With something to press in it. */
const SHOWN_WITH_ACTION_MS = 12_000;
const NotifyContext = createContext<Notify>(() => {});

export const useNotify = (): Notify => useContext(NotifyContext);

export const NoticesProvider = ({ children }: { readonly children: ReactNode }) => {
  const [notices, setNotices] = useState<readonly Notice[]>([]);
  const notify = useCallback<Notify>((text, options = {}) => {
    setNotices((shown) => [
      ...shown.filter((notice) => notice.text !== text),
      { id: (shown.at(-1)?.id ?? 0) + 1, text, ...options },
    ]);
  }, []);
  const dismiss = useCallback((id: number) => setNotices((shown) => shown.filter((notice) => notice.id !== id)), []);
  return (
    <NotifyContext value={notify}>
      {children}
      <div className={css.notices} role="alert">
        {notices.map((notice) => (
          <NoticeCard key={notice.id} notice={notice} onDismiss={dismiss} />
        ))}
      </div>
    </NotifyContext>
  );
};

const NoticeCard = ({ notice, onDismiss }: { readonly notice: Notice; readonly onDismiss: (id: number) => void }) => {
  const { id, text, done = false, action } = notice;
  const shownMs = action === undefined ? SHOWN_MS : SHOWN_WITH_ACTION_MS;
  useEffect(() => {
    const timer = setTimeout(() => onDismiss(id), shownMs);
    return () => clearTimeout(timer);
  }, [id, shownMs, onDismiss]);
  const Icon = done ? CircleCheck : CircleAlert;
  return (
    <div className={css.notice} data-done={done}>
      <Icon aria-hidden size={18} />
      <p>{text}</p>
      {action !== undefined && (
        <Button
          size="s"
          onClick={() => {
            onDismiss(id);
            action.run();
          }}
        >
          {action.label}
        </Button>
      )}
      <IconButton label="Dismiss" icon={X} size="s" tip="none" onClick={() => onDismiss(id)} />
    </div>
  );
};
