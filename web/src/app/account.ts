/**
 * Who is signed in, in this tab: kept in sessionStorage, so that two tabs can be two people. `?as=USER_ID` in the address
 * signs in as that demo person at once.
 */
export type Account =
  | { readonly kind: 'demo'; readonly userId: string }
  | { readonly kind: 'token'; readonly userId: string; readonly token: string };

const KEY = 'parley:account';

const isAccount = (value: unknown): value is Account => {
  if (typeof value !== 'object' || value === null) return false;
  const { kind, userId, token } = value as Record<string, unknown>;
  return typeof userId === 'string' && (kind === 'demo' || (kind === 'token' && typeof token === 'string'));
};

export const readAccount = (storage: Pick<Storage, 'getItem'>, query: string): Account | null => {
  const userId = new URLSearchParams(query).get('as');
  if (userId !== null && userId !== '') return { kind: 'demo', userId };
  try {
    const kept: unknown = JSON.parse(storage.getItem(KEY) ?? 'null');
    return isAccount(kept) ? kept : null;
  } catch {
    return null;
  }
};

export const writeAccount = (storage: Pick<Storage, 'setItem' | 'removeItem'>, account: Account | null): void => {
  if (account === null) storage.removeItem(KEY);
  else storage.setItem(KEY, JSON.stringify(account));
};

/** The user a token names, without checking it; null for what is no token. The server does the checking. */
export const userOfToken = (token: string): string | null => {
  const [, claims] = token.split('.');
  if (claims === undefined) return null;
  try {
    const bytes = Uint8Array.from(atob(claims.replaceAll('-', '+').replaceAll('_', '/')), (character) => character.charCodeAt(0));
    const { sub } = JSON.parse(new TextDecoder().decode(bytes)) as { sub?: unknown };
    return typeof sub === 'string' && sub !== '' ? sub : null;
  } catch {
    return null;
  }
};
