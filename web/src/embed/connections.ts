/**
 * The connections of a page: elements of one person at one Parley share a session, a socket and an inbox. A connection outlives its
 * last element by a moment, in which an element may be put elsewhere in the page, and what was written still leaves.
 */
import { createClient, webStorage } from '../../../client/index.ts';
import { createInterviews } from '../../../client/interviews/index.ts';
import type { Parley } from '../app/parley.tsx';
import { createDeskCircle, type DeskCircle } from '../call/desk-circle.ts';
import { keptInTab } from '../lib/kept.ts';
import { createTokenSupply } from './token-supply.ts';

export interface Connection {
  readonly parley: Parley;
  readonly desks: DeskCircle;
  /** The page has a token for the same person; also one that it has already is taken for a wish to try again. */
  renew(token: string): void;
}

export interface Connections {
  /** `onTokenWanted` is called until what it returns is. */
  hold(options: { server: string; userId: string; token: string; onTokenWanted: (expiresAt: number | null) => void }): {
    readonly connection: Connection;
    release(): void;
  };
}

interface Held {
  readonly connection: Connection;
  readonly holders: Set<(expiresAt: number | null) => void>;
  close(): void;
  closing: ReturnType<typeof setTimeout> | undefined;
}

const LINGER_MS = 1_500;

export const createConnections = (): Connections => {
  const held = new Map<string, Held>();

  const open = (key: string, server: string, userId: string, token: string): Held => {
    const holders: Held['holders'] = new Set();
    const storagePrefix = `parley:${userId}@${new URL(server).host}:`;
    const supply = createTokenSupply({
      first: token,
      isOnline: () => client.connection.get().status === 'online',
      onWanted: (expiresAt) => {
        for (const tell of [...holders]) tell(expiresAt);
      },
    });
    const client = createClient({
      url: socketOf(server),
      token: supply.token,
      storage: webStorage(keptInTab, storagePrefix),
      name: 'parley-embed',
    });
    const interviews = createInterviews(client);
    client.connection.subscribe(() => {
      const state = client.connection.get();
      if (state.status !== 'reconnecting' && state.status !== 'closed') return;
      if (state.reason?.name === 'token_expired' || state.reason?.name === 'token_invalid') supply.refuse();
    });
    client.connect();
    const connection: Connection = {
      parley: { client, interviews, storagePrefix, reconnect: client.connect, signOut: () => {} },
      desks: createDeskCircle(),
      renew(next) {
        supply.renew(next);
        const { status } = client.connection.get();
        if (status === 'closed') client.connect();
        else if (status === 'reconnecting') client.reconnectNow();
      },
    };
    const close = (): void => {
      held.delete(key);
      interviews.close();
      void client.close();
    };
    return { connection, holders, close, closing: undefined };
  };

  return {
    hold({ server, userId, token, onTokenWanted }) {
      const key = `${server} ${userId}`;
      const known = held.get(key);
      const one = known ?? open(key, server, userId, token);
      held.set(key, one);
      clearTimeout(one.closing);
      one.holders.add(onTokenWanted);
      if (known !== undefined) known.connection.renew(token);
      let isReleased = false;
      return {
        connection: one.connection,
        release() {
          if (isReleased) return;
          isReleased = true;
          one.holders.delete(onTokenWanted);
          if (one.holders.size === 0) one.closing = setTimeout(one.close, LINGER_MS);
        },
      };
    },
  };
};

const socketOf = (server: string): string => `${server.replace(/^http/, 'ws')}/v1/socket`;
