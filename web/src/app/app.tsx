/** The whole application: signing in, then the shell. */
import { useReadable } from '../lib/use-readable.ts';
import { AnnouncerProvider } from '../ui/announcer.tsx';
import { LayersProvider } from '../ui/layers.tsx';
import { NoticesProvider } from '../ui/notices.tsx';
import type { Access } from './access.ts';
import { ParleyProvider } from './parley.tsx';
import { SignIn } from './sign-in.tsx';
import { SignedIn } from './signed-in.tsx';

export const App = ({ access }: { readonly access: Access }) => {
  const parley = useReadable(access.parley);
  return (
    <AnnouncerProvider>
      <NoticesProvider>
        <LayersProvider>
          {parley === null ? (
            <SignIn onSignIn={access.signIn} />
          ) : (
            <ParleyProvider value={parley} key={parley.storagePrefix}>
              <SignedIn />
            </ParleyProvider>
          )}
        </LayersProvider>
      </NoticesProvider>
    </AnnouncerProvider>
  );
};
