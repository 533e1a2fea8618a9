/**
 * The tokens of one person in a page that is not ours: it hands over one with the element, and another when it is told that the first
 * will not do much longer.
 */
import { ProtocolError } from '../../../protocol/index.ts';
import { userOfToken } from '../app/account.ts';

export interface TokenSupply {
  /** For the SDK: a token that it was not given for this session yet, or that still opens one. */
  token(): Promise<string>;
  /** The page has another one. */
  renew(token: string): void;
  /** The server takes the present one no more. */
  refuse(): void;
}

/** The page has this long to answer when nothing can go on without; shorter than the SDK waits for a connection. */
export const PATIENCE_MS = 10_000;

export const createTokenSupply = (options: {
  first: string;
  isOnline: () => boolean;
  /** Asks the page for another token. */
  onWanted: (expiresAt: number | null) => void;
}): TokenSupply => {
  let current = options.first;
  let isRefused = false;
  /** What the SDK has. */
  let given: string | undefined;
  const waiting = new Set<(token: string) => void>();

  const another = (withinMs: number | null): Promise<string> =>
    new Promise((resolve, reject) => {
      const settle = (token: string): void => {
        clearTimeout(timer);
        waiting.delete(settle);
        resolve(token);
      };
      const timer =
        withinMs === null
          ? undefined
          : setTimeout(() => {
              waiting.delete(settle);
              reject(new ProtocolError('unauthenticated', 'The page gave no new token.'));
            }, withinMs);
      waiting.add(settle);
      options.onWanted(expiryOf(current));
    });

  return {
    async token() {
      // In an open session the present one still holds, so the page may take its time.
      if (isRefused) given = await another(PATIENCE_MS);
      else if (options.isOnline() && current === given) given = await another(null);
      else given = current;
      return given;
    },
    renew(token) {
      if (token === current) return;
      current = token;
      isRefused = false;
      for (const settle of [...waiting]) settle(token);
    },
    refuse() {
      isRefused = true;
    },
  };
};

/** When a token ends, in Unix milliseconds, without checking it; null where it says nothing of it. */
export const expiryOf = (token: string): number | null => {
  if (userOfToken(token) === null) return null;
  const { exp } = claimsOf(token);
  return typeof exp === 'number' ? exp * 1_000 : null;
};

const claimsOf = (token: string): { exp?: unknown } =>
  JSON.parse(atob((token.split('.')[1] ?? '').replaceAll('-', '+').replaceAll('_', '/'))) as { exp?: unknown };
