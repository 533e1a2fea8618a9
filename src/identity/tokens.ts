/** User tokens: JWTs whose `sub` is the user id. The host platform mints them; `parley token` does for development. */
import { errors, type JWTPayload, jwtVerify } from 'jose';
import jwt from 'jsonwebtoken';
import { z } from 'zod';
import { ProtocolError, Role, UserId } from '../../protocol/index.ts';
import type { KeySource, TokenHeader, TokenKey } from './keys.ts';

export interface Identity {
  readonly userId: UserId;
  /** Unix ms; null for a token that does not expire. */
  readonly expiresAt: number | null;
  /** From the claim `roles`; others than ours are passed over. */
  readonly roles: readonly Role[];
}

export interface TokenVerifier {
  /** Throws `token_expired`, `token_invalid`, or `unavailable` when the keys cannot be reached. */
  verify(token: string): Promise<Identity>;
}

/** Two hosts' clocks may differ by this much. */
const CLOCK_TOLERANCE_SECONDS = 5;

interface Expected {
  readonly issuer?: string | undefined;
  readonly audience?: string | undefined;
  readonly now: () => number;
}

export const createTokenVerifier = (options: Expected & { keys: KeySource }): TokenVerifier => ({
  async verify(token) {
    const header = headerOf(token);
    if (header === undefined) throw new ProtocolError('token_invalid', 'The token is not a JWT.');
    const found = await options.keys.find(header).catch(() => {
      throw new ProtocolError('unavailable', 'The keys that tokens are checked with cannot be reached; try again.');
    });
    if (found === undefined) throw new ProtocolError('token_invalid', 'The token is signed with an unknown key.');
    try {
      return toIdentity(await (found.algorithm === 'HS256' ? verifyHmac : verifyPublic)(token, found, options));
    } catch (error) {
      if (error instanceof ProtocolError) throw error;
      if (error instanceof jwt.TokenExpiredError || error instanceof errors.JWTExpired)
        throw new ProtocolError('token_expired', 'The token has expired; get a new one.');
      throw new ProtocolError('token_invalid', 'The token does not verify: its signature, claims or times are wrong.');
    }
  },
});

/** Undefined when it is no JWT, or when what names its key is no text. */
const headerOf = (token: string): TokenHeader | undefined => {
  const header: unknown = jwt.decode(token, { complete: true })?.header;
  const parsed = Header.safeParse(header);
  return parsed.success ? parsed.data : undefined;
};
const Header = z.object({ alg: z.string(), kid: z.string().optional() });

type Claims = jwt.JwtPayload | JWTPayload | string;

const verifyHmac = (token: string, { key }: TokenKey, { issuer, audience, now }: Expected): Claims =>
  jwt.verify(token, key, {
    algorithms: ['HS256'],
    clockTolerance: CLOCK_TOLERANCE_SECONDS,
    clockTimestamp: Math.floor(now() / 1000),
    ...(issuer === undefined ? {} : { issuer }),
    ...(audience === undefined ? {} : { audience }),
  });

/** jsonwebtoken knows no EdDSA, so what a key server vouches for is verified by jose: docs/decisions/0008-two-token-libraries.md. */
const verifyPublic = async (
  token: string,
  { key, algorithm }: TokenKey,
  { issuer, audience, now }: Expected,
): Promise<Claims> => {
  const { payload } = await jwtVerify(token, key, {
    algorithms: [algorithm],
    clockTolerance: CLOCK_TOLERANCE_SECONDS,
    currentDate: new Date(now()),
    ...(issuer === undefined ? {} : { issuer }),
    ...(audience === undefined ? {} : { audience }),
  });
  return payload;
};

const toIdentity = (claims: Claims): Identity => {
  const userId = UserId.safeParse(typeof claims === 'string' ? undefined : claims.sub);
  if (!userId.success || typeof claims === 'string')
    throw new ProtocolError('token_invalid', 'The token names no user in `sub`.');
  const expiresAt = claims.exp === undefined ? null : claims.exp * 1000;
  return { userId: userId.data, expiresAt, roles: rolesIn(claims.roles) };
};

const rolesIn = (claim: unknown): Role[] => (Array.isArray(claim) ? Role.options.filter((role) => claim.includes(role)) : []);

/** A token for a user, signed with the shared secret. */
export const mintToken = (
  secret: string,
  userId: UserId,
  options: {
    ttlSeconds: number;
    issuer?: string | undefined;
    audience?: string | undefined;
    roles?: readonly Role[] | undefined;
  },
): string =>
  jwt.sign(options.roles === undefined ? {} : { roles: options.roles }, secret, {
    algorithm: 'HS256',
    subject: userId,
    expiresIn: options.ttlSeconds,
    ...(options.issuer === undefined ? {} : { issuer: options.issuer }),
    ...(options.audience === undefined ? {} : { audience: options.audience }),
  });
