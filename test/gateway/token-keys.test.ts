import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { CLOSE_CODES, mayReconnect } from '../../protocol/index.ts';
import { seedHiring, startGateway, type TestGateway } from '../support/gateway.ts';
import { createSigningKey, startKeyServer } from '../support/key-server.ts';
import { until } from '../support/until.ts';

describe('tokens of a key server', () => {
  const [known, unknown] = [createSigningKey('ES256', 'known'), createSigningKey('EdDSA', 'unknown')];
  let server: Awaited<ReturnType<typeof startKeyServer>>;
  let gateway: TestGateway;

  beforeAll(async () => {
    server = await startKeyServer([known]);
    server.setAnswer((_, response) => response.writeHead(503).end());
    gateway = await startGateway({ 'auth.jwksUrl': server.url, 'auth.jwtSecret': undefined });
    await seedHiring(gateway);
  });
  afterAll(async () => {
    await gateway.close();
    await server.close();
  });

  it('[JW4] [OP1] without keys the gateway is not ready, and says come back; with them people sign in and stay', async () => {
    expect(await (await gateway.get('/readyz')).json()).toMatchObject({ waitingFor: ['token keys'] });
    const early = await gateway.connect();
    const refused = await early.refused('session.open', { protocol: 1, token: await known.token('client') });
    expect(refused).toMatchObject({ code: 'unavailable', retryable: true });
    expect((await early.whenClosed()).code).toBe(CLOSE_CODES.unavailable);
    expect(mayReconnect(CLOSE_CODES.unavailable)).toBe(true);
    server.setJwks([known.jwk]);
    await until('the keys', async () => (await gateway.get('/readyz')).ok, 30_000);

    const socket = await gateway.connect();
    const opened = await socket.request('session.open', { protocol: 1, token: await known.token('client', 60) });
    const refreshed = await socket.request('session.refresh', { token: await known.token('client', 600) });
    expect(refreshed.tokenExpiresAt).toBeGreaterThan(opened.tokenExpiresAt ?? 0);
    server.setAnswer((_, response) => response.destroy());
    const stranger = await gateway.connect();
    expect((await stranger.refused('session.open', { protocol: 1, token: await unknown.token('client') })).code).toBe(
      'unavailable',
    );
    expect((await socket.refused('session.refresh', { token: await unknown.token('client') })).code).toBe('unavailable');
    const again = await gateway.connect();
    await again.request('session.open', { protocol: 1, token: await known.token('client') });
    expect(await (await gateway.get('/metrics')).text()).toMatch(/parley_key_fetches_total\{outcome="failed"\} [1-9]/);
  });

  it('[JW2] without a shared secret an HS256 token is refused for good', async () => {
    const socket = await gateway.connect();
    expect((await socket.refused('session.open', { protocol: 1, token: gateway.token('client') })).code).toBe('token_invalid');
  });
});
