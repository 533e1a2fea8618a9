import jwt from 'jsonwebtoken';
import { afterEach, describe, expect, it } from 'vitest';
import { createFakeClock } from '../../test/support/fake-clock.ts';
import { createSigningKey, startKeyServer } from '../../test/support/key-server.ts';
import { until } from '../../test/support/until.ts';
import { createLog } from '../log.ts';
import { createKeyServer } from './key-server.ts';
import { secretAndKeyServer, sharedSecret } from './keys.ts';
import { createTokenVerifier } from './tokens.ts';

const SECRET = 'a-secret-of-the-tests-with-32-chars-or-more';
const rsa = createSigningKey('RS256', 'rsa-1');
const ec = createSigningKey('ES256', 'ec-1');
const ed = createSigningKey('EdDSA', 'ed-1');
const unsigned = (header: object, claims: object = { sub: 'ada' }): string =>
  `${[header, claims].map((part) => Buffer.from(JSON.stringify(part)).toString('base64url')).join('.')}.`;

describe('keys from a key server', () => {
  const closers: (() => unknown)[] = [];
  afterEach(async () => {
    for (const close of closers.splice(0)) await close();
  });

  const setUp = async (served = [rsa, ec, ed]) => {
    const server = await startKeyServer(served);
    const clock = createFakeClock(Date.now());
    const outcomes: string[] = [];
    const keyServer = createKeyServer({
      url: server.url,
      clock,
      log: createLog({ level: 'silent', pretty: false }),
      onFetch: (outcome) => outcomes.push(outcome),
    });
    closers.push(keyServer.close, server.close);
    const tokens = createTokenVerifier({
      keys: secretAndKeyServer({ secret: sharedSecret(SECRET), keyServer }),
      now: Date.now,
    });
    const codeOf = (token: string): Promise<string> =>
      tokens.verify(token).then(
        ({ userId }) => userId,
        ({ code }) => code,
      );
    const failNext = async (count: number) =>
      until('a failure', () => outcomes.filter((outcome) => outcome === 'failed').length >= count);
    return { server, clock, keyServer, outcomes, codeOf, failNext };
  };

  it('[JW1] tokens of all three kinds are accepted, beside those of the secret; expired ones are known as such', async () => {
    const { codeOf, server } = await setUp();
    for (const key of [rsa, ec, ed]) {
      expect(await codeOf(await key.token('ada'))).toBe('ada');
      expect(await codeOf(await key.token('ada', -60))).toBe('token_expired');
    }
    expect(await codeOf(jwt.sign({}, SECRET, { subject: 'bob' }))).toBe('bob');
    expect(server.asked()).toBe(1);
  });

  it('[JW2] a public key is no secret, none is nothing, and a key serves its own algorithm alone', async () => {
    const { codeOf, keyServer } = await setUp();
    await until('the keys', () => keyServer.ready());
    const { publicKey } = rsa;
    for (const secret of [
      publicKey.export({ type: 'spki', format: 'pem' }),
      publicKey.export({ type: 'spki', format: 'der' }),
      JSON.stringify(rsa.jwk),
    ]) {
      expect(await codeOf(jwt.sign({}, secret, { subject: 'ada', keyid: 'rsa-1', algorithm: 'HS256' }))).toBe('token_invalid');
    }
    expect(await codeOf(unsigned({ alg: 'none' }))).toBe('token_invalid');
    const [, claims, signature] = (await rsa.token('ada')).split('.');
    for (const header of [
      { alg: 'none', kid: 'rsa-1' },
      { alg: 'ES256', kid: 'rsa-1' },
      { alg: 'PS256', kid: 'rsa-1' },
      { alg: 'RS256', kid: 'ec-1' },
    ]) {
      const forged = [Buffer.from(JSON.stringify(header)).toString('base64url'), claims, signature].join('.');
      // Of a key id that may have appeared a moment ago nothing is said yet.
      expect(await codeOf(forged)).toBe(header.alg === 'ES256' || header.kid === 'ec-1' ? 'unavailable' : 'token_invalid');
    }
  });

  it('[JW2] keys for other things, weak and broken ones are passed over', async () => {
    const { server, clock, codeOf, keyServer } = await setUp();
    await until('the keys', () => keyServer.ready());
    server.setJwks([
      { ...rsa.jwk, use: 'enc' },
      { ...ec.jwk, key_ops: ['sign'] },
      { ...rsa.jwk, kid: 'rsa-2', alg: 'PS256' },
      { kty: 'oct', k: Buffer.from(SECRET).toString('base64url'), kid: 'oct-1' },
      { kty: 'EC', crv: 'P-256', x: 'AA', y: 'AA', kid: 'broken' },
      'nonsense',
      null,
      ed.jwk,
    ]);
    clock.advance(600_000);
    await until('the new keys', async () => (await codeOf(await rsa.token('ada'))) !== 'ada');
    expect(await codeOf(await ed.token('ada'))).toBe('ada');
  });

  it('[JW3] a new key is accepted at once; forged ids ask the server once, and are told to come back', async () => {
    const { server, clock, codeOf } = await setUp([rsa]);
    expect(await codeOf(await rsa.token('ada'))).toBe('ada');
    clock.advance(20_000);
    server.setJwks([rsa.jwk, ed.jwk]);
    expect(await Promise.all(Array.from({ length: 20 }, async () => codeOf(await ed.token('ada'))))).toEqual(
      Array(20).fill('ada'),
    );
    expect(server.asked()).toBe(2);
    clock.advance(20_000);
    const forged = ['../../etc/passwd', "' OR 1=1 --", 'x'.repeat(5_000), '__proto__', ''];
    const codes = await Promise.all(
      forged.flatMap((kid) => Array.from({ length: 50 }, () => codeOf(unsigned({ alg: 'RS256', kid })))),
    );
    expect(new Set(codes)).toEqual(new Set(['token_invalid']));
    expect(server.asked()).toBe(3);
    expect(await codeOf(unsigned({ alg: 'RS256', kid: 'once-more' }))).toBe('unavailable');
    expect(await codeOf(unsigned({ alg: 'RS256', kid: { $ne: 1 } }))).toBe('token_invalid');
    expect(server.asked()).toBe(3);
    expect(await codeOf(await rsa.token('ada'))).toBe('ada');
  });

  it('[JW3] a key that is gone from the server is gone here with the next fetch', async () => {
    const { server, clock, codeOf } = await setUp([rsa, ec]);
    expect(await codeOf(await ec.token('ada'))).toBe('ada');
    server.setJwks([rsa.jwk]);
    clock.advance(600_000);
    await until('the key to be gone', async () => (await codeOf(await ec.token('ada'))) !== 'ada');
    expect(await codeOf(await rsa.token('ada'))).toBe('ada');
  });

  it.each([
    ['down', (_: unknown, response: any) => response.destroy()],
    ['answering 500', (_: unknown, response: any) => response.writeHead(500).end('{}')],
    ['answering with a page', (_: unknown, response: any) => response.end('<html>Welcome</html>')],
    ['answering with no keys', (_: unknown, response: any) => response.end('{"keys":[]}')],
    ['sending a megabyte', (_: unknown, response: any) => response.end(`{"keys":[],"x":"${'x'.repeat(1024 * 1024)}"}`)],
    ['redirecting', (_: unknown, response: any) => response.writeHead(302, { Location: 'http://127.0.0.1:1/' }).end()],
  ])('[JW4] [JW5] with the key server %s known keys serve on, however old, and of others nothing is said', async (_, answer) => {
    const { server, clock, codeOf, failNext, outcomes } = await setUp([rsa]);
    expect(await codeOf(await rsa.token('ada'))).toBe('ada');
    server.setAnswer(answer);
    clock.advance(600_000);
    await failNext(1);
    clock.advance(86_400_000);
    await failNext(2);
    expect(await codeOf(await rsa.token('ada'))).toBe('ada');
    expect(await codeOf(await ed.token('ada'))).toBe('unavailable');
    server.setJwks([rsa.jwk, ed.jwk]);
    await until('the server to be asked again', async () => {
      clock.advance(60_000);
      return (await codeOf(await ed.token('ada'))) === 'ada';
    });
    expect(outcomes.at(-1)).toBe('ok');
  });

  it('[JW4] [JW5] a key server that never answers is given up, and holds nobody whose key is known', async () => {
    const { server, clock, codeOf, failNext } = await setUp([rsa]);
    expect(await codeOf(await rsa.token('ada'))).toBe('ada');
    server.setAnswer(() => {});
    clock.advance(600_000);
    const waiting = codeOf(await ed.token('ada'));
    expect(await codeOf(await rsa.token('ada'))).toBe('ada');
    await failNext(1);
    expect(await waiting).toBe('unavailable');
  });
});
