/** From an element's settings to a connection, or to what is wrong with the settings or the connection. */
import { CircleAlert, CloudOff, KeyRound, type LucideIcon } from 'lucide-react';
import { useEffect, useState } from 'react';
import type { ConnectionState } from '../../../client/types.ts';
import { userOfToken } from '../app/account.ts';
import { closedText } from '../app/closed-text.ts';
import { ConnectionBanner } from '../app/connection-banner.tsx';
import { ParleyProvider, useParley } from '../app/parley.tsx';
import { CallProvider } from '../call/call-provider.tsx';
import { useReadable } from '../lib/use-readable.ts';
import { Announcements } from '../news/announcements.tsx';
import { Button } from '../ui/button.tsx';
import { SkeletonBubbles } from '../ui/skeleton.tsx';
import type { Connection, Connections } from './connections.ts';
import type { Tell } from './host-events.ts';
import { Problem } from './problem.tsx';
import type { Settings } from './settings.ts';
import { Target } from './target.tsx';

interface Props {
  readonly settings: Settings;
  readonly connections: Connections;
  readonly tell: Tell;
}

export const Seat = ({ settings, connections, tell }: Props) => {
  const { token, thread, proposal } = settings;
  const userId = token === null ? null : userOfToken(token);
  const connection = useConnection(settings, userId, connections, tell);

  if (token === null)
    return (
      <Problem code="no_token" icon={KeyRound} title="This conversation is not open yet" tell={tell}>
        The page has to say who you are: its element has no token.
      </Problem>
    );
  if (userId === null)
    return (
      <Problem code="token_invalid" icon={KeyRound} title="This conversation cannot be opened" tell={tell}>
        What the page gave as token is none. Reload the page, or tell whoever runs it.
      </Problem>
    );
  if (thread === null && proposal === null)
    return (
      <Problem code="no_target" icon={CircleAlert} title="There is no conversation to show" tell={tell}>
        The page’s element names no thread and no proposal.
      </Problem>
    );
  if (connection === null) return <SkeletonBubbles label="Loading the conversation" />;
  return (
    <ParleyProvider value={connection.parley} key={connection.parley.storagePrefix}>
      <Connected settings={settings} connection={connection} tell={tell} />
    </ParleyProvider>
  );
};

const useConnection = (
  { server, token }: Settings,
  userId: string | null,
  connections: Connections,
  tell: Tell,
): Connection | null => {
  const [connection, setConnection] = useState<Connection | null>(null);
  // biome-ignore lint/correctness/useExhaustiveDependencies: another token of the same person is no other connection; see below.
  useEffect(() => {
    if (token === null || userId === null) return;
    const onTokenWanted = (expiresAt: number | null): void => tell('parley-token-expiring', { expiresAt });
    const { connection: held, release } = connections.hold({ server, userId, token, onTokenWanted });
    setConnection(held);
    return () => {
      release();
      setConnection(null);
    };
  }, [connections, server, userId, tell]);
  useEffect(() => {
    if (token !== null && connection !== null) connection.renew(token);
  }, [connection, token]);
  return connection;
};

const Connected = ({ settings, connection, tell }: Omit<Props, 'connections'> & { readonly connection: Connection }) => {
  const { client, reconnect } = useParley();
  const state = useReadable(client.connection);
  const { ready } = useReadable(client.inbox);
  const me = useReadable(client.me);
  const isShown = ready && me !== null;
  const ended = state.status === 'closed' ? endedText(state) : null;

  useEffect(() => {
    if (ended !== null && isShown) tell('parley-error', { code: ended.code, message: `${ended.title}. ${ended.text}` });
  }, [ended?.code, isShown, tell, ended]);

  if (!isShown) {
    if (ended === null)
      return (
        <>
          <ConnectionBanner />
          <SkeletonBubbles label="Loading the conversation" />
        </>
      );
    return (
      <Problem
        code={ended.code}
        icon={ended.icon}
        title={ended.title}
        tell={tell}
        actions={<Button onClick={reconnect}>Try again</Button>}
      >
        {ended.text}
      </Problem>
    );
  }
  return (
    <>
      <Announcements />
      <ConnectionBanner ending={{ title: ended?.title ?? '', action: 'Try again', run: reconnect }} />
      <CallProvider circle={connection.desks} key={settings.thread ?? settings.proposal}>
        <Target settings={settings} tell={tell} />
      </CallProvider>
    </>
  );
};

interface EndedText {
  readonly code: string;
  readonly icon: LucideIcon;
  readonly title: string;
  readonly text: string;
}

/** What the person in front of it can do, who did not sign in here and cannot. */
const endedText = (state: Extract<ConnectionState, { status: 'closed' }>): EndedText => {
  const code = state.reason?.name ?? state.error?.code ?? 'unavailable';
  switch (code) {
    case 'token_expired':
    case 'unauthenticated':
      return {
        code: 'token_expired',
        icon: KeyRound,
        title: 'Your access to this conversation has ended',
        text: 'Reload the page to go on. What you wrote is kept.',
      };
    case 'token_invalid':
      return {
        code,
        icon: KeyRound,
        title: 'This conversation cannot be opened',
        text: state.error?.message ?? 'Parley does not accept what the page gave as your token.',
      };
    case 'signed_out':
    case 'unavailable':
      return { code, icon: CloudOff, title: 'The conversation was closed', text: 'Try again to go on.' };
    default:
      return { ...closedText(state), code };
  }
};
