/** Says things to a screen reader: politely, or at once. */
import { createContext, type ReactNode, useCallback, useContext, useState } from 'react';

export type Announce = (text: string, urgency?: 'polite' | 'assertive') => void;

interface Said {
  readonly text: string;
  /** So that the same words twice are said twice. */
  readonly count: number;
}

const SILENT: Said = { text: '', count: 0 };
const AnnounceContext = createContext<Announce>(() => {});

export const useAnnounce = (): Announce => useContext(AnnounceContext);

export const AnnouncerProvider = ({ children }: { readonly children: ReactNode }) => {
  const [polite, setPolite] = useState(SILENT);
  const [assertive, setAssertive] = useState(SILENT);
  const announce = useCallback<Announce>((text, urgency = 'polite') => {
    const set = urgency === 'polite' ? setPolite : setAssertive;
    set(({ count }) => ({ text, count: count + 1 }));
  }, []);
  return (
    <AnnounceContext value={announce}>
      {children}
      <div className="unseen" role="status">
        <p key={polite.count}>{polite.text}</p>
      </div>
      <div className="unseen" role="alert">
        <p key={assertive.count}>{assertive.text}</p>
      </div>
    </AnnounceContext>
  );
};
