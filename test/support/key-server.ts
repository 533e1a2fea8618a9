/** The host platform's key server: a real HTTP server with keys that a test makes, changes and takes away. */
import { generateKeyPairSync, type KeyObject } from 'node:crypto';
import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import { SignJWT } from 'jose';

export interface SigningKey {
  readonly kid: string;
  readonly algorithm: 'RS256' | 'ES256' | 'EdDSA';
  readonly publicKey: KeyObject;
  readonly jwk: Record<string, unknown>;
  token(userId: string, ttlSeconds?: number): Promise<string>;
}

export const createSigningKey = (algorithm: SigningKey['algorithm'], kid: string): SigningKey => {
  const { publicKey, privateKey } =
    algorithm === 'RS256'
      ? generateKeyPairSync('rsa', { modulusLength: 2_048 })
      : algorithm === 'ES256'
        ? generateKeyPairSync('ec', { namedCurve: 'P-256' })
        : generateKeyPairSync('ed25519');
  return {
    kid,
    algorithm,
    publicKey,
    jwk: { ...publicKey.export({ format: 'jwk' }), kid, use: 'sig' },
    token: (userId, ttlSeconds = 3_600) =>
      new SignJWT({})
        .setProtectedHeader({ alg: algorithm, kid })
        .setSubject(userId)
        .setExpirationTime(Math.floor(Date.now() / 1_000) + ttlSeconds)
        .sign(privateKey),
  };
};

export const startKeyServer = async (keys: readonly SigningKey[]) => {
  const serve =
    (served: readonly unknown[]): RequestListener =>
    (_request, response) => {
      response.writeHead(200, { 'Content-Type': 'application/jwk-set+json' }).end(JSON.stringify({ keys: served }));
    };
  let answer = serve(keys.map(({ jwk }) => jwk));
  let asked = 0;
  const server = createServer((request, response) => {
    asked += 1;
    answer(request, response);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/keys`,
    asked: () => asked,
    /** From now on it has these keys. */
    setJwks(served: readonly unknown[]) {
      answer = serve(served);
    },
    setAnswer(listener: RequestListener) {
      answer = listener;
    },
    close: () =>
      new Promise<void>((resolve) => {
        server.closeAllConnections();
        server.close(() => resolve());
      }),
  };
};
