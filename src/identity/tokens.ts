/** User tokens: JWTs whose `sub` is the user id. The host platform mints them; `parley token` does for development. */
import jwt from 'jsonwebtoken';
import { ProtocolError, UserId } from '../../protocol/index.ts';
import type { KeySource } from './keys.ts';

export interface Identity {
  readonly userId: UserId;
  /** Unix ms; null for a token that does not expire. */
  readonly expiresAt: number | null;
}

export interface TokenVerifier {
  /** Throws `token_expired`, `token_invalid`, or `unavailable` when the keys cannot be reached. */
  verify(token: string): Promise<Identity>;
}

/** Two hosts' clocks may differ by this much. */
const CLOCK_TOLERANCE_SECONDS = 5;

export const createTokenVerifier = (options: {
  keys: KeySource;
  issuer?: string | undefined;
  audience?: string | undefined;
  now: () => number;
}): TokenVerifier => ({
  async verify(token) {
    const header = jwt.decode(token, { complete: true })?.header;
    if (header === undefined) throw new ProtocolError('token_invalid', 'The token is not a JWT.');
    const found = await options.keys.find(header.kid).catch(() => {
      throw new ProtocolError('unavailable', 'The keys that tokens are checked with cannot be reached; try again.');
    });
    if (found === undefined) throw new ProtocolError('token_invalid', 'The token is signed with an unknown key.');
    return toIdentity(
      refusing(() =>
        jwt.verify(token, found.key, {
          algorithms: [...found.algorithms],
          clockTolerance: CLOCK_TOLERANCE_SECONDS,
          clockTimestamp: Math.floor(options.now() / 1000),
          ...(options.issuer === undefined ? {} : { issuer: options.issuer }),
          ...(options.audience === undefined ? {} : { audience: options.audience }),
        }),
      ),
    );
  },
});

const refusing = <Claims>(verify: () => Claims): Claims => {
  try {
    return verify();
  } catch (error) {
    if (error instanceof jwt.TokenExpiredError) throw new ProtocolError('token_expired', 'The token has expired; get a new one.');
    throw new ProtocolError('token_invalid', 'The token does not verify: its signature, claims or times are wrong.');
  }
};

const toIdentity = (claims: string | jwt.JwtPayload): Identity => {
  const userId = UserId.safeParse(typeof claims === 'string' ? undefined : claims.sub);
  if (!userId.success || typeof claims === 'string')
    throw new ProtocolError('token_invalid', 'The token names no user in `sub`.');
  return { userId: userId.data, expiresAt: claims.exp === undefined ? null : claims.exp * 1000 };
};

/** A token for a user, signed with the shared secret. */
export const mintToken = (
  secret: string,
  userId: UserId,
  options: { ttlSeconds: number; issuer?: string | undefined; audience?: string | undefined },
): string =>
  jwt.sign({}, secret, {
    algorithm: 'HS256',
    subject: userId,
    expiresIn: options.ttlSeconds,
    ...(options.issuer === undefined ? {} : { issuer: options.issuer }),
    ...(options.audience === undefined ? {} : { audience: options.audience }),
  });
