/** What a signed-in person sees: the shell, or before the first snapshot that it is coming, or why it is not. */
import { LogOut } from 'lucide-react';
import { CallProvider } from '../call/call-provider.tsx';
import { useReadable } from '../lib/use-readable.ts';
import { Button } from '../ui/button.tsx';
import { EmptyState } from '../ui/empty-state.tsx';
import { closedText } from './closed-text.ts';
import { useParley } from './parley.tsx';
import { Shell } from './shell.tsx';
import css from './signed-in.module.css';
import { Splash } from './splash.tsx';

export const SignedIn = () => {
  const { client, reconnect, signOut } = useParley();
  const connection = useReadable(client.connection);
  const { ready } = useReadable(client.inbox);
  const me = useReadable(client.me);

  if (ready && me !== null)
    return (
      <CallProvider>
        <Shell />
      </CallProvider>
    );
  if (connection.status !== 'closed') return <Splash />;
  const { icon, title, text, canReturn } = closedText(connection);
  return (
    <main className={css.closed} data-testid="connection-status" data-status="closed">
      <EmptyState
        page
        icon={icon}
        title={title}
        actions={
          <>
            {canReturn && (
              <Button tone="primary" onClick={reconnect}>
                Use Parley here
              </Button>
            )}
            <Button icon={LogOut} onClick={signOut}>
              Sign in again
            </Button>
          </>
        }
      >
        {text}
      </EmptyState>
    </main>
  );
};
