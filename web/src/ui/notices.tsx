/** Short notices of what went wrong, at the bottom of the window; they go by themselves. */
import { CircleAlert, X } from 'lucide-react';
import { createContext, type ReactNode, useCallback, useContext, useEffect, useState } from 'react';
import { IconButton } from './button.tsx';
import css from './notices.module.css';

export type Notify = (text: string) => void;

interface Notice {
  readonly id: number;
  readonly text: string;
}

const SHOWN_MS = 7_000;
const NotifyContext = createContext<Notify>(() => {});

export const useNotify = (): Notify => useContext(NotifyContext);

export const NoticesProvider = ({ children }: { readonly children: ReactNode }) => {
  const [notices, setNotices] = useState<readonly Notice[]>([]);
  const notify = useCallback<Notify>((text) => {
    setNotices((shown) => [...shown.filter((notice) => notice.text !== text), { id: (shown.at(-1)?.id ?? 0) + 1, text }]);
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
  useEffect(() => {
    const timer = setTimeout(() => onDismiss(notice.id), SHOWN_MS);
    return () => clearTimeout(timer);
  }, [notice.id, onDismiss]);
  return (
    <div className={css.notice}>
      <CircleAlert aria-hidden size={18} />
      <p>{notice.text}</p>
      <IconButton label="Dismiss" icon={X} size="s" tip="none" onClick={() => onDismiss(notice.id)} />
    </div>
  );
};
