/** Says when there is no connection, and lets one try at once. Always in the page, so that it is a live region from the start. */
import { CloudOff, RefreshCw } from 'lucide-react';
import { useEffect, useState, useSyncExternalStore } from 'react';
import type { ConnectionState } from '../../../client/types.ts';
import { classes } from '../lib/classes.ts';
import { SECOND_MS, useNow } from '../lib/use-now.ts';
import { useReadable } from '../lib/use-readable.ts';
import { Button } from '../ui/button.tsx';
import { Spinner } from '../ui/spinner.tsx';
import { closedText } from './closed-text.ts';
import css from './connection-banner.module.css';
import { useParley } from './parley.tsx';

/** A connection that comes back sooner than this is not worth a word. */
const PATIENCE_MS = 800;

/** What can be done once the connection was ended for good. */
export interface Ending {
  readonly title: string;
  readonly action: string;
  run(): void;
}

/** `ending` for those who cannot sign in again themselves. */
export const ConnectionBanner = ({ ending }: { readonly ending?: Ending }) => {
  const { client } = useParley();
  const connection = useReadable(client.connection);
  const shown = useLasting(connection.status === 'reconnecting' || connection.status === 'connecting', PATIENCE_MS);
  const hasNetwork = useSyncExternalStore(onNetworkChange, () => navigator.onLine);
  const visible = connection.status === 'closed' || !hasNetwork || (shown && connection.status !== 'online');
  return (
    <div
      className={classes(css.banner, visible && css.visible)}
      data-testid="connection-status"
      data-status={connection.status}
      role="status"
    >
      {visible && <BannerText connection={connection} ending={ending} />}
    </div>
  );
};

/** The browser often knows of a lost network before the connection is found dead. */
const onNetworkChange = (listener: () => void): (() => void) => {
  addEventListener('online', listener);
  addEventListener('offline', listener);
  return () => {
    removeEventListener('online', listener);
    removeEventListener('offline', listener);
  };
};

interface TextProps {
  readonly connection: ConnectionState;
  readonly ending: Ending | undefined;
}

const BannerText = ({ connection, ending }: TextProps) => {
  const { client, reconnect, signOut } = useParley();
  if (connection.status === 'closed') {
    const { icon: Icon, title, canReturn } = closedText(connection);
    const { action, run } = ending ?? {
      action: canReturn ? 'Use Parley here' : 'Sign in again',
      run: canReturn ? reconnect : signOut,
    };
    return (
      <>
        <Icon aria-hidden size={16} />
        <span>{ending?.title ?? title}.</span>
        <Button size="s" onClick={run}>
          {action}
        </Button>
      </>
    );
  }
  if (connection.status === 'reconnecting')
    return (
      <>
        <CloudOff aria-hidden size={16} />
        <span>
          {navigator.onLine ? 'No connection.' : 'You are offline.'}
          {/* Counting down aloud would be noise. */}
          <span aria-hidden="true">
            {' '}
            <Countdown until={connection.retryAt} />
          </span>
        </span>
        <Button size="s" icon={RefreshCw} onClick={client.reconnectNow}>
          Try now
        </Button>
      </>
    );
  if (!navigator.onLine)
    return (
      <>
        <CloudOff aria-hidden size={16} />
        <span>You are offline.</span>
      </>
    );
  return (
    <>
      <Spinner />
      <span>Connecting…</span>
    </>
  );
};

const Countdown = ({ until }: { readonly until: number }) => {
  const seconds = Math.ceil((until - useNow(SECOND_MS)) / SECOND_MS);
  return seconds <= 0 ? 'Reconnecting…' : `Reconnecting in ${seconds} s.`;
};

/** True once something has held for a while; false as soon as it no longer does. */
const useLasting = (holds: boolean, forMs: number): boolean => {
  const [lasting, setLasting] = useState(false);
  useEffect(() => {
    if (!holds) {
      setLasting(false);
      return;
    }
    const timer = setTimeout(() => setLasting(true), forMs);
    return () => clearTimeout(timer);
  }, [holds, forMs]);
  return lasting;
};
