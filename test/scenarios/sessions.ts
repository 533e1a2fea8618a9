import { expect } from 'vitest';
import { until } from '../support/until.ts';
import { post, type Scenario, scenario } from './world.ts';

export const sessions: readonly Scenario[] = [
  scenario('[SE7] a session is resumed within its grace', async (world) => {
    const { client } = await world.hire();
    const { socket, opened } = await world.open(client);
    socket.terminate();
    const resume = { sessionId: opened.sessionId, resumeToken: opened.resumeToken };
    expect((await world.open(client, { resume })).opened).toMatchObject({ resumed: true, sessionId: opened.sessionId });
  }),
  scenario('[SE8] a guessed resume token and another person’s session give a new one', async (world) => {
    const { client, talent } = await world.hire();
    const { opened } = await world.open(client);
    const resume = { sessionId: opened.sessionId, resumeToken: opened.resumeToken };
    expect((await world.open(client, { resume: { ...resume, resumeToken: 'guess' } })).opened.resumed).toBe(false);
    expect((await world.open(talent, { resume })).opened.resumed).toBe(false);
  }),
  scenario('[SE9] a session that is resumed closes its old socket for good', async (world) => {
    const { client } = await world.hire();
    const { socket, opened } = await world.open(client);
    const resume = { sessionId: opened.sessionId, resumeToken: opened.resumeToken };
    await world.open(client, { resume });
    expect((await socket.whenClosed()).code).toBe(4502);
  }),
  scenario('[SE11] who signed out cannot resume', async (world) => {
    const { client } = await world.hire();
    const { socket, opened } = await world.open(client);
    await socket.request('session.close', {});
    expect((await socket.whenClosed()).code).toBe(4503);
    const resume = { sessionId: opened.sessionId, resumeToken: opened.resumeToken };
    expect((await world.open(client, { resume })).opened.resumed).toBe(false);
  }),
  scenario('[SE10] a token is replaced in place, and ends the socket when it ends', async (world) => {
    const { client, talent } = await world.hire();
    const { socket } = await world.open(client, { token: world.token(client, 2) });
    await until('the warning', () => socket.pushes('token.expiring')[0]);
    expect((await socket.refused('session.refresh', { token: world.token(talent) })).code).toBe('forbidden');
    const { tokenExpiresAt } = await socket.request('session.refresh', { token: world.token(client, 4) });
    expect((await socket.whenClosed()).code).toBe(4100);
    expect(Date.now()).toBeGreaterThan((tokenExpiresAt ?? 0) - 100);
  }),
  scenario('[SE3] [SE4] a forged token is refused for good, an expired one asks for a new one', async (world) => {
    const { client } = await world.hire();
    for (const [token, code, close] of [
      ['nonsense', 'token_invalid', 4500],
      [`${world.token(client)}x`, 'token_invalid', 4500],
      [world.token(client, -60), 'token_expired', 4100],
    ] as const) {
      const socket = await world.connect();
      expect((await socket.refused('session.open', { protocol: 1, token })).code).toBe(code);
      expect((await socket.whenClosed()).code).toBe(close);
    }
  }),
  scenario('[SE6] the token may come with the upgrade', async (world) => {
    const { client } = await world.hire();
    const socket = await world.connect({ Authorization: `Bearer ${world.token(client)}` });
    expect((await socket.request('session.open', { protocol: 1 })).user.userId).toBe(client);
  }),
  scenario('[SE2] who stays silent is closed in time', async (world) => {
    expect((await (await world.connect()).whenClosed()).code).toBe(4004);
  }),
  scenario('[SE5] another version of the protocol is refused', async (world) => {
    const { client } = await world.hire();
    const socket = await world.connect();
    expect((await socket.refused('session.open', { protocol: 99, token: world.token(client) })).code).toBe(
      'unsupported_protocol',
    );
  }),
  scenario('[CL6] a client whose tokens last three seconds renews them and stays', async (world) => {
    const { talent, client, threadId } = await world.hire();
    const { client: device } = await world.sdk(talent, 3);
    const socket = await world.signIn(client);
    await new Promise((resolve) => setTimeout(resolve, 5_000));
    await post(socket, threadId, 'Still there?');
    await until('it', () => device.inbox.get().threads[0]?.lastMessage?.body === 'Still there?');
    expect(device.connection.get().status).toBe('online');
  }),
];
