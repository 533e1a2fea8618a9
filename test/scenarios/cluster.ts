/** What needs more than one gateway, a Redis and a PostgreSQL; these break them, and play one after the other. */
import { expect } from 'vitest';
import { RawSocket } from '../support/raw-socket.ts';
import { until } from '../support/until.ts';
import { bodies, post, type Scenario, scenario, type World } from './world.ts';

/** A socket with a session on this gateway. */
const at = async (world: World, index: number, userId: string, more: Record<string, unknown> = {}) => {
  const socket = await RawSocket.connect(`ws://127.0.0.1:${world.deployment.gateways[index]!.front.port}/v1/socket`);
  return { socket, opened: await socket.request('session.open', { protocol: 1, token: world.token(userId), ...more }) };
};

const heard = (socket: RawSocket, body: string): Promise<unknown> =>
  until(`"${body}"`, () => bodies(socket).includes(body), 20_000);

export const cluster: readonly Scenario[] = [
  scenario(
    '[DE10] what is posted on one gateway is heard on the other',
    async (world) => {
      const { client, talent, threadId } = await world.hire();
      const [one, other] = [await at(world, 0, client), await at(world, 1, talent)];
      await post(one.socket, threadId, 'Across');
      await heard(other.socket, 'Across');
    },
    'cluster',
  ),
  scenario(
    '[SE7] a session is resumed on the other gateway after its own was killed',
    async (world) => {
      const { client } = await world.hire();
      const { opened } = await at(world, 0, client);
      const { server } = world.deployment.gateways[0]!;
      await server.stop('SIGKILL');
      const resume = { sessionId: opened.sessionId, resumeToken: opened.resumeToken };
      const back = await at(world, 1, client, { resume });
      await server.start();
      expect(back.opened).toMatchObject({ resumed: true, sessionId: opened.sessionId });
    },
    'cluster',
  ),
  scenario(
    '[WH11] what a gateway that was killed was telling the host platform is told by the other',
    async (world) => {
      const { client, talent, proposalId, threadId } = await world.hire();
      const { server } = world.deployment.gateways[0]!;
      const ofThread = () => world.told().filter(({ body }) => body.data.threadId === threadId);
      await until('the opening to be told', () => ofThread().length > 0, 20_000);
      world.holdWebhooks(true);
      const put = (status: string) =>
        world.deployment.host('PUT', `/v1/proposals/${proposalId}`, { jobId: `job-${client}`, freelancerId: talent, status });
      await put('interviewing');
      await until('somebody to tell it', () => ofThread().length > 1, 20_000);
      await server.stop('SIGKILL');
      world.holdWebhooks(false);
      await server.start();
      await put('hired');
      const told = (status: string) =>
        ofThread().find(
          ({ body, answered }) => answered && body.data.type === 'proposal.changed' && body.data.proposal.status === status,
        );
      await until('both to be taken', () => told('interviewing') !== undefined && told('hired') !== undefined, 30_000);
    },
    'cluster',
  ),
  scenario(
    '[DE7] without Redis posts are acknowledged, and arrive by the heartbeat',
    async (world) => {
      const { client, talent, threadId } = await world.hire();
      const [one, other] = [await at(world, 0, client), await world.sdk(talent)];
      await world.deployment.redis?.stop();
      await post(one.socket, threadId, 'Without Redis');
      await until('it', () => other.client.inbox.get().threads[0]?.lastMessage?.body === 'Without Redis', 20_000);
      await world.deployment.redis?.start();
      await post(one.socket, threadId, 'With Redis');
      await until('it', () => other.client.inbox.get().threads[0]?.lastMessage?.body === 'With Redis', 20_000);
    },
    'cluster',
  ),
  scenario(
    '[PR1] presence is true again after Redis forgot everything',
    async (world) => {
      const { client, talent } = await world.hire();
      const [watcher] = [await at(world, 0, client), await at(world, 1, talent)];
      const isOnline = async () =>
        (await watcher.socket.request('session.watch', { threadIds: [], userIds: [talent] })).presence[0]?.online;
      await until('online', isOnline);
      await world.deployment.redis?.ask('FLUSHALL');
      await until('online again', isOnline, 20_000);
    },
    'cluster',
  ),
  scenario(
    '[DE1] what was acknowledged is there after PostgreSQL crashed, and posting goes on',
    async (world) => {
      const { client, talent, threadId } = await world.hire();
      const device = await world.sdk(client);
      const { socket } = await at(world, 1, talent);
      const { offset } = await post(socket, threadId, 'Before the crash');
      await world.deployment.postgres?.stop('SIGQUIT');
      device.client.thread(threadId).post('During the crash');
      await world.deployment.postgres?.start();
      const { client: other } = await world.sdk(talent);
      await until('it', () => other.inbox.get().threads[0]?.lastMessage?.body === 'During the crash', 30_000);
      expect(other.inbox.get().threads[0]?.head).toBe(offset + 1);
    },
    'cluster',
  ),
];
