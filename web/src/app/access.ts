/** Signing in and out: makes the SDK's client for an account, and lets go of it. One person a tab. */
import { createClient, webStorage } from '../../../client/index.ts';
import { createInterviews } from '../../../client/interviews/index.ts';
import type { Readable } from '../../../client/types.ts';
import { createCell } from '../lib/cell.ts';
import { type Account, readAccount, writeAccount } from './account.ts';
import { demoToken } from './demo.ts';
import type { Parley } from './parley.tsx';

export interface Access {
  /** Null while nobody is signed in. */
  readonly parley: Readable<Parley | null>;
  signIn(account: Account): void;
}

const socketUrl = (): string => `${location.protocol === 'https:' ? 'wss' : 'ws'}://${location.host}/v1/socket`;

export const createAccess = (): Access => {
  const parley = createCell<Parley | null>(null);

  const signIn = (account: Account): void => {
    writeAccount(sessionStorage, account);
    parley.set(open(account, signOut));
  };

  const signOut = (): void => {
    const signedIn = parley.get();
    writeAccount(sessionStorage, null);
    // Otherwise `?as=` would sign in again at the next load.
    const query = new URLSearchParams(location.search);
    query.delete('as');
    const search = query.size === 0 ? '' : `?${query}`;
    history.replaceState(null, '', `/${search}`);
    parley.set(null);
    signedIn?.interviews.close();
    void signedIn?.client.close();
  };

  const account = readAccount(sessionStorage, location.search);
  if (account !== null) signIn(account);
  return { parley, signIn };
};

const open = (account: Account, signOut: () => void): Parley => {
  const storagePrefix = `parley:${account.userId}:`;
  const client = createClient({
    url: socketUrl(),
    token: account.kind === 'demo' ? () => demoToken(account.userId) : () => account.token,
    storage: webStorage(sessionStorage, storagePrefix),
    name: 'parley-web',
  });
  const interviews = createInterviews(client);
  client.connect();
  exposeForTests({ client, interviews });
  return { client, interviews, storagePrefix, reconnect: client.connect, signOut };
};

/**
 * With `?test` in the address, tests in a browser can reach the SDK to read what no screen shows (frames decoded, sound
 * heard). It grants nothing: whoever can run a script in the page can reach as much without it.
 */
const exposeForTests = (parley: Pick<Parley, 'client' | 'interviews'>): void => {
  if (new URLSearchParams(location.search).has('test')) Object.assign(window, { __parley: parley });
};
