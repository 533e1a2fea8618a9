/**
 * The world that scenarios play in: a deployment of either topology, people of their own for each scenario, and sockets that come in
 * by one gateway after the other, so that in a cluster those who talk sit on different ones.
 */
import { randomUUID } from 'node:crypto';
import type { Client } from '../../client/types.ts';
import type { Message, Result } from '../../protocol/index.ts';
import { mintToken } from '../../src/identity/tokens.ts';
import type { Deployment, Topology } from '../support/deployment.ts';
import { JWT_SECRET } from '../support/gateway.ts';
import { createSigningKey, type SigningKey, startKeyServer } from '../support/key-server.ts';
import { signInWithSdk } from '../support/people.ts';
import { RawSocket } from '../support/raw-socket.ts';
import { startTcpProxy, type TcpProxy } from '../support/tcp-proxy.ts';
import { startDeployment } from '../support/topologies.ts';
import { startWebhookReceiver, type Told, WEBHOOK_SECRET } from '../support/webhook-receiver.ts';

export interface Scenario {
  /** Names the rules that it proves, as a test's title. */
  readonly title: string;
  readonly on: 'both' | 'cluster';
  play(world: World): Promise<void>;
}

export const scenario = (title: string, play: Scenario['play'], on: Scenario['on'] = 'both'): Scenario => ({ title, play, on });

export interface Hiring {
  readonly client: string;
  readonly talent: string;
  readonly outsider: string;
  readonly proposalId: string;
  readonly threadId: string;
}

export interface World {
  readonly topology: Topology;
  readonly deployment: Deployment;
  /** The host platform's key server, and a key of each kind that is there. */
  readonly keys: { readonly server: Awaited<ReturnType<typeof startKeyServer>>; readonly all: readonly SigningKey[] };
  /** Users that nobody else knows. */
  people<Names extends readonly string[]>(...names: Names): Promise<{ [Index in keyof Names]: string }>;
  /** A client and a talent in a thread of a proposal with one message, and an outsider. */
  hire(): Promise<Hiring>;
  /** A group of these, the first its owner. */
  group(...userIds: readonly string[]): Promise<string>;
  /** What the host platform was told by webhooks, and whether it has taken it. */
  told(): readonly Told[];
  /** While it is true the host platform takes no webhook, and answers none. */
  holdWebhooks(hold: boolean): void;
  token(userId: string, ttlSeconds?: number): string;
  /** A socket to the next gateway that said nothing yet. */
  connect(headers?: Record<string, string>): Promise<RawSocket>;
  open(userId: string, more?: Record<string, unknown>): Promise<{ socket: RawSocket; opened: Result<'session.open'> }>;
  signIn(userId: string): Promise<RawSocket>;
  /** The SDK, over a line of its own. */
  sdk(userId: string, tokenSeconds?: number): Promise<{ client: Client; line: TcpProxy }>;
  close(): Promise<void>;
}

export const post = async (
  socket: RawSocket,
  threadId: string,
  body: string,
  clientMessageId: string = randomUUID(),
): Promise<Message> => (await socket.request('message.post', { threadId, clientMessageId, body })).message;

export const bodies = (socket: RawSocket): string[] =>
  socket.pushes('inbox').flatMap(({ event }) => (event.type === 'message.posted' ? [event.message.body] : []));

export const TURN_SECRET = 'a-turn-secret-of-the-scenarios';

export const numbers = (from: number, count: number): number[] => Array.from({ length: count }, (_, index) => from + index);

export const startWorld = async (topology: Topology, env: Record<string, string> = {}): Promise<World> => {
  const all = (['RS256', 'ES256', 'EdDSA'] as const).map((algorithm) => createSigningKey(algorithm, `key-${algorithm}`));
  const keyServer = await startKeyServer(all);
  const host = await startWebhookReceiver();
  const deployment = await startDeployment(topology, {
    PARLEY_WEBHOOK_URL: host.url,
    PARLEY_WEBHOOK_SECRETS: JSON.stringify([WEBHOOK_SECRET]),
    PARLEY_WEBHOOK_TIMEOUT_MS: '1000',
    PARLEY_JWKS_URL: keyServer.url,
    PARLEY_TURN_URLS: '["turn:turn.example.com:3478"]',
    PARLEY_TURN_SECRET: TURN_SECRET,
    PARLEY_SAFETY_POLICY: JSON.stringify({ before: { address: 'hold', meeting_link: 'warn' } }),
    PARLEY_AUTH_TIMEOUT_MS: '1500',
    PARLEY_REQUESTS_PER_SECOND: '500',
    PARLEY_REQUEST_BURST: '1000',
    PARLEY_MAX_BACKPRESSURE_BYTES: '65536',
    PARLEY_SESSION_GRACE_MS: '3000',
    ...env,
  });
  const closers: (() => Promise<void> | void)[] = [];
  let made = 0;
  let turn = 0;
  const nextFront = (): TcpProxy => {
    const { gateways } = deployment;
    turn += 1;
    return (gateways[turn % gateways.length] as (typeof gateways)[number]).front;
  };
  const token = (userId: string, ttlSeconds = 3_600): string => mintToken(JWT_SECRET, userId, { ttlSeconds });

  const world: World = {
    topology,
    deployment,
    keys: { server: keyServer, all },
    told: () => host.told,
    holdWebhooks: host.hold,
    token,
    async people(...names) {
      made += 1;
      const ids = names.map((name) => `${name}-${made}`);
      for (const userId of ids) await deployment.host('PUT', `/v1/users/${userId}`, { displayName: userId });
      return ids as { [Index in keyof typeof names]: string };
    },
    async hire() {
      const [client, talent, outsider] = await world.people('client', 'talent', 'outsider');
      const proposalId = `proposal-${client}`;
      await deployment.host('PUT', `/v1/jobs/job-${client}`, { clientId: client, title: 'A job' });
      await deployment.host('PUT', `/v1/proposals/${proposalId}`, { jobId: `job-${client}`, freelancerId: talent });
      const first = { clientMessageId: 'first-message', body: 'Hello!' };
      const { body } = await deployment.host('POST', `/v1/proposals/${proposalId}/thread`, first);
      return { client, talent, outsider, proposalId, threadId: body.threadId };
    },
    async group(...userIds) {
      const members = userIds.map((userId, index) => ({ userId, role: index === 0 ? 'owner' : 'member' }));
      const thread = { threadKey: randomUUID(), kind: 'group', title: 'A group', members };
      return (await deployment.host('POST', '/v1/threads', thread)).body.threadId;
    },
    async connect(headers) {
      const socket = await RawSocket.connect(`ws://127.0.0.1:${nextFront().port}/v1/socket`, headers);
      closers.push(() => socket.terminate());
      return socket;
    },
    async open(userId, more = {}) {
      const socket = await world.connect();
      const opened = await socket.request('session.open', { protocol: 1, token: token(userId), ...more });
      return { socket, opened };
    },
    signIn: async (userId) => (await world.open(userId)).socket,
    async sdk(userId, tokenSeconds) {
      const line = await startTcpProxy(nextFront().port);
      const client = await signInWithSdk(line.port, userId, tokenSeconds);
      closers.push(async () => {
        await line.close();
        await client.close();
      });
      return { client, line };
    },
    async close() {
      await Promise.all(closers.map((close) => close()));
      await deployment.close();
      await keyServer.close();
      await host.close();
    },
  };
  return world;
};
