/** A JWK set (RFC 7517), read: the public keys that user tokens may be signed with, each pinned to one algorithm. */
import { createPublicKey, type JsonWebKey } from 'node:crypto';
import { z } from 'zod';
import type { TokenHeader, TokenKey } from './keys.ts';

export interface KeySet {
  readonly size: number;
  /** By key id and algorithm; a token without a key id is only clear when one key has its algorithm. */
  find(header: TokenHeader): TokenKey | undefined;
}

const Jwk = z.looseObject({
  kty: z.string(),
  crv: z.string().optional(),
  kid: z.string().max(256).optional(),
  alg: z.string().optional(),
  use: z.string().optional(),
  key_ops: z.array(z.string()).optional(),
});
const JwkSet = z.object({ keys: z.array(z.unknown()).max(100) });

const MIN_RSA_BITS = 2_048;

const algorithmOf = ({ kty, crv }: z.infer<typeof Jwk>): TokenKey['algorithm'] | undefined => {
  if (kty === 'RSA') return 'RS256';
  if (kty === 'EC' && crv === 'P-256') return 'ES256';
  return kty === 'OKP' && crv === 'Ed25519' ? 'EdDSA' : undefined;
};

/** Undefined for a key that is for something else: encryption, another algorithm, too weak, or broken. */
const readKey = (value: unknown): (TokenKey & { kid: string | undefined }) | undefined => {
  const parsed = Jwk.safeParse(value);
  if (!parsed.success) return undefined;
  const { kid, alg, use = 'sig', key_ops: operations = ['verify'] } = parsed.data;
  const algorithm = algorithmOf(parsed.data);
  if (algorithm === undefined || use !== 'sig' || !operations.includes('verify')) return undefined;
  if (alg !== undefined && alg !== algorithm) return undefined;
  try {
    const { kty, crv, n, e, x, y } = parsed.data as JsonWebKey;
    const jwk = { kty, crv, n, e, x, y } as JsonWebKey;
    const key = createPublicKey({ key: jwk, format: 'jwk' });
    if (algorithm === 'RS256' && (key.asymmetricKeyDetails?.modulusLength ?? 0) < MIN_RSA_BITS) return undefined;
    return { key, algorithm, kid };
  } catch {
    return undefined;
  }
};

/** Throws when it is no JWK set, or has no key that user tokens may be signed with. */
export const readKeySet = (value: unknown): KeySet => {
  const { keys } = JwkSet.parse(value);
  const usable = keys.flatMap((key) => readKey(key) ?? []);
  if (usable.length === 0) throw new Error('The key server has no key for RS256, ES256 or EdDSA.');
  return {
    size: usable.length,
    find({ alg, kid }) {
      const candidates = usable.filter((key) => key.algorithm === alg && (kid === undefined || key.kid === kid));
      return kid === undefined && candidates.length > 1 ? undefined : candidates[0];
    },
  };
};
