/** The first moments: the mark, and the connection's state when it takes longer. */
import { useEffect, useState } from 'react';
import { Logo } from '../ui/logo.tsx';
import { ConnectionBanner } from './connection-banner.tsx';
import css from './splash.module.css';

const PATIENCE_MS = 600;

export const Splash = () => {
  const [isLong, setIsLong] = useState(false);
  useEffect(() => {
    const timer = setTimeout(() => setIsLong(true), PATIENCE_MS);
    return () => clearTimeout(timer);
  }, []);
  return (
    <main className={css.splash}>
      <ConnectionBanner />
      <div className={css.mark}>
        <Logo size={56} />
        <p role="status">{isLong ? 'Opening your conversations…' : ''}</p>
      </div>
    </main>
  );
};
