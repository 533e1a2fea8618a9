import { expect, it } from 'vitest';
import { type Account, readAccount, userOfToken, writeAccount } from './account.ts';

const memory = () => {
  const values = new Map<string, string>();
  return {
    getItem: (key: string) => values.get(key) ?? null,
    setItem: (key: string, value: string) => void values.set(key, value),
    removeItem: (key: string) => void values.delete(key),
  };
};

it('[WEB5] a tab remembers who signed in until they sign out', () => {
  const storage = memory();
  const account: Account = { kind: 'token', userId: 'ana', token: 'a.b.c' };
  expect(readAccount(storage, '')).toBeNull();
  writeAccount(storage, account);
  expect(readAccount(storage, '')).toEqual(account);
  writeAccount(storage, null);
  expect(readAccount(storage, '')).toBeNull();
});

it('[WEB5] `?as=` signs in as that demo person, whoever was signed in', () => {
  const storage = memory();
  writeAccount(storage, { kind: 'demo', userId: 'ana' });
  expect(readAccount(storage, '?as=ben&test')).toEqual({ kind: 'demo', userId: 'ben' });
});

it('[WEB5] what is kept but is no account signs nobody in', () => {
  for (const kept of ['', '{', 'null', '[]', '{"kind":"demo"}', '{"kind":"token","userId":"ana"}']) {
    const storage = { getItem: () => kept };
    expect(readAccount(storage, ''), kept).toBeNull();
  }
});

it('[WEB5] a pasted token names its user; what is no token names nobody', () => {
  const claims = btoa(String.fromCharCode(...new TextEncoder().encode(JSON.stringify({ sub: 'ana' }))));
  expect(userOfToken(`x.${claims.replaceAll('=', '')}.y`)).toBe('ana');
  for (const token of ['', 'abc', 'a.b.c', `x.${btoa('{}')}.y`]) expect(userOfToken(token), token).toBeNull();
});
