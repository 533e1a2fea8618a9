/** Where token keys come from: a shared secret, a key server, or both. */
import type { KeyObject } from 'node:crypto';
import { createSecretKey } from 'node:crypto';

export interface TokenKey {
  readonly key: KeyObject;
  /** The only algorithm this key may be used with; a token's own header never widens it. */
  readonly algorithm: 'HS256' | 'RS256' | 'ES256' | 'EdDSA';
}

/** What a token says of its signature. Not to be believed, only to be looked up. */
export interface TokenHeader {
  readonly alg: string;
  readonly kid?: string | undefined;
}

export interface KeySource {
  /** The key that the header asks for, or undefined when there is none. Rejects when it cannot be known now. */
  find(header: TokenHeader): Promise<TokenKey | undefined>;
}

/** One HS256 secret for every token. */
export const sharedSecret = (secret: string): KeySource => {
  const key: TokenKey = { key: createSecretKey(Buffer.from(secret, 'utf8')), algorithm: 'HS256' };
  return { find: async ({ alg }) => (alg === 'HS256' ? key : undefined) };
};

/** HS256 goes to the secret and everything else to the key server, where there is one: no token chooses between the two kinds. */
export const secretAndKeyServer = (sources: { secret: KeySource | undefined; keyServer: KeySource | undefined }): KeySource => ({
  find: async (header) => (header.alg === 'HS256' ? sources.secret : sources.keyServer)?.find(header),
});
