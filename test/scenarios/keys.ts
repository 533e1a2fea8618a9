/** User tokens of the host platform's key server, which these take away and change; they play one after the other. */
import { expect } from 'vitest';
import { CLOSE_CODES } from '../../protocol/index.ts';
import { createSigningKey, type SigningKey } from '../support/key-server.ts';
import { until } from '../support/until.ts';
import { post, type Scenario, scenario, type World } from './world.ts';

const open = async (world: World, token: string) => {
  const socket = await world.connect();
  return { socket, opened: await socket.request('session.open', { protocol: 1, token }) };
};
const isTaken = (world: World, token: string): Promise<boolean> =>
  open(world, token).then(
    () => true,
    () => false,
  );

/** As many sockets as there are gateways, so that each of them is asked. */
const everywhere = (world: World): unknown[] => [...world.deployment.gateways];

const serve = ({ keys }: World, added: readonly SigningKey[] = []): void =>
  keys.server.setJwks([...keys.all, ...added].map(({ jwk }) => jwk));

export const keys: readonly Scenario[] = [
  scenario('[JW1] tokens of RS256, ES256 and EdDSA keys open a session on every gateway, beside HS256 ones', async (world) => {
    const { client, threadId } = await world.hire();
    for (const key of world.keys.all)
      for (const _ of everywhere(world)) {
        const { socket, opened } = await open(world, await key.token(client));
        expect(opened.user.userId).toBe(client);
        await post(socket, threadId, `Signed by ${key.algorithm}`);
        socket.terminate();
      }
    expect(await isTaken(world, world.token(client))).toBe(true);
  }),
  scenario('[JW3] a key that appears at the key server is taken up, one that is not there never is', async (world) => {
    const [client] = await world.people('client');
    const added = createSigningKey('ES256', `added-${client}`);
    const token = await added.token(client);
    expect(await isTaken(world, token)).toBe(false);
    serve(world, [added]);
    for (const _ of everywhere(world)) {
      // Who asks right after somebody else's unknown key waits for the next time that the key server is asked.
      await until('the new key', () => isTaken(world, token), 30_000);
    }
    serve(world);
  }),
  scenario('[JW4] while the key server is down known keys serve, and an unknown one is told to come back', async (world) => {
    const [client] = await world.people('client');
    world.keys.server.setAnswer((_request, response) => response.destroy());
    try {
      for (const key of world.keys.all) expect(await isTaken(world, await key.token(client))).toBe(true);
      const socket = await world.connect();
      const token = await createSigningKey('EdDSA', `unknown-${client}`).token(client);
      const refused = await socket.refused('session.open', { protocol: 1, token });
      expect(refused).toMatchObject({ code: 'unavailable', retryable: true });
      expect((await socket.whenClosed()).code).toBe(CLOSE_CODES.unavailable);
    } finally {
      serve(world);
    }
  }),
  scenario('[SE10] [JW1] a session is refreshed in place with a token of another key', async (world) => {
    const [client] = await world.people('client');
    const [first, second] = world.keys.all as [SigningKey, SigningKey];
    const { socket, opened } = await open(world, await first.token(client, 60));
    const refreshed = await socket.request('session.refresh', { token: await second.token(client, 600) });
    expect(refreshed.tokenExpiresAt).toBeGreaterThan(opened.tokenExpiresAt ?? 0);
    expect((await socket.refused('session.refresh', { token: await second.token('somebody-else') })).code).toBe('forbidden');
  }),
];
