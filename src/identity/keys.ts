/** Where token keys come from. An interface, so that a JWKS URL can stand beside the shared secret. */
import type { KeyObject } from 'node:crypto';
import { createSecretKey } from 'node:crypto';
import type { Algorithm } from 'jsonwebtoken';

export interface TokenKey {
  readonly key: KeyObject;
  /** The only algorithms this key may be used with; a token's own header never widens it. */
  readonly algorithms: readonly Algorithm[];
}

export interface KeySource {
  /** The key for a token header's `kid`, or undefined when there is none. Rejects when it cannot be known now. */
  find(keyId: string | undefined): Promise<TokenKey | undefined>;
}

/** One HS256 secret for every token. */
export const sharedSecret = (secret: string): KeySource => {
  const key: TokenKey = { key: createSecretKey(Buffer.from(secret, 'utf8')), algorithms: ['HS256'] };
  return { find: async () => key };
};
