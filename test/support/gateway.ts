/** A real gateway for tests: port 0, a store in a folder of its own, the host platform's REST calls, and raw sockets. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Logger } from 'pino';
import { loadConfig } from '../../config/index.ts';
import { POLICY_CATEGORIES } from '../../config/policy.ts';
import type { Backends } from '../../src/backends.ts';
import type { Clock } from '../../src/clock.ts';
import { createGateway, type Gateway } from '../../src/gateway.ts';
import { mintToken } from '../../src/identity/tokens.ts';
import { createLog } from '../../src/log.ts';
import { RawSocket } from './raw-socket.ts';

export const JWT_SECRET = 'a-secret-of-the-tests-with-32-chars-or-more';
/** 32 bytes in base64. */
export const SEAL_KEY = Buffer.alloc(32, 's').toString('base64');
/**
 * Lets all through: what tests of other rules write, such as numbers one after the other, looks like what the guard looks for. Its own
 * tests give a policy of theirs.
 */
export const OPEN_POLICY = { before: Object.fromEntries(POLICY_CATEGORIES.map((category) => [category, 'allow'])) };
export const API_KEY = 'a-host-key-of-the-tests-with-24-chars';

export interface TestGateway {
  readonly gateway: Gateway;
  readonly port: number;
  readonly socketUrl: string;
  readonly dataDir: string;
  token(userId: string, ttlSeconds?: number): string;
  /** A REST call of the host platform; the body of the answer with its status. */
  host(
    method: 'GET' | 'PUT' | 'POST' | 'DELETE',
    path: string,
    body?: unknown,
    key?: string,
  ): Promise<{ status: number; body: any }>;
  get(path: string): Promise<Response>;
  /** A socket that said nothing yet. */
  connect(options?: { headers?: Record<string, string> }): Promise<RawSocket>;
  /** A socket with an open session of this user. */
  signIn(userId: string, open?: Record<string, unknown>): Promise<RawSocket>;
  close(): Promise<void>;
}

/** Settings by key (`session.graceMs`), over defaults that suit tests: one media worker, quiet logs. */
export const startGateway = async (
  settings: Record<string, unknown> = {},
  backends: Partial<Backends> = {},
  log?: Logger,
  clock?: Clock,
): Promise<TestGateway> => {
  const made = settings['store.dataDir'] === undefined;
  const dataDir = (settings['store.dataDir'] as string | undefined) ?? (await mkdtemp(join(tmpdir(), 'parley-test-')));
  const overrides = {
    'http.port': 0,
    'http.webRoot': '',
    'log.level': process.env.PARLEY_LOG_LEVEL ?? 'silent',
    'auth.jwtSecret': JWT_SECRET,
    'auth.hostApiKey': API_KEY,
    'safety.sealKeys': [SEAL_KEY],
    'safety.policy': OPEN_POLICY,
    'media.workers': 1,
    'media.listenIp': '127.0.0.1',
    'store.dataDir': dataDir,
    // Tests write faster than people.
    'safety.limits.messagesPerMinute': 0,
    'safety.limits.messagesPerThreadMinute': 0,
    'safety.limits.threadsPerDay': 0,
    ...settings,
  };
  const config = loadConfig(process.env, overrides, { secrets: backends.store === undefined ? 'required' : 'optional' });
  const gateway = await createGateway({
    config,
    log: log ?? createLog(config.log),
    backends,
    ...(clock === undefined ? {} : { clock }),
    onFatal: (error) => {
      throw error;
    },
  });
  const { port } = await gateway.listen();
  const base = `http://127.0.0.1:${port}`;
  const socketUrl = `ws://127.0.0.1:${port}/v1/socket`;
  const sockets: RawSocket[] = [];
  const token = (userId: string, ttlSeconds = 3_600): string => mintToken(JWT_SECRET, userId, { ttlSeconds });

  const connect = async (options: { headers?: Record<string, string> } = {}): Promise<RawSocket> => {
    const socket = await RawSocket.connect(socketUrl, options.headers);
    sockets.push(socket);
    return socket;
  };
  return {
    gateway,
    port,
    socketUrl,
    dataDir,
    token,
    async host(method, path, body, key = API_KEY) {
      const response = await fetch(`${base}${path}`, {
        method,
        headers: { Authorization: `Bearer ${key}`, 'Content-Type': 'application/json' },
        ...(body === undefined ? {} : { body: typeof body === 'string' ? body : JSON.stringify(body) }),
      });
      return { status: response.status, body: await response.json() };
    },
    get: (path) => fetch(`${base}${path}`),
    connect,
    async signIn(userId, open = {}) {
      const socket = await connect();
      await socket.request('session.open', { protocol: 1, token: token(userId), ...open });
      return socket;
    },
    async close() {
      for (const socket of sockets) socket.terminate();
      await gateway.close();
      if (made) await rm(dataDir, { recursive: true, force: true });
    },
  };
};

/** A client, a freelancer who sent a proposal, and an outsider. */
export const seedHiring = async (gateway: Pick<TestGateway, 'host'>): Promise<void> => {
  for (const [userId, displayName] of [
    ['client', 'Clara Client'],
    ['talent', 'Theo Talent'],
    ['outsider', 'Olga Outsider'],
  ]) {
    await gateway.host('PUT', `/v1/users/${userId}`, { displayName });
  }
  await gateway.host('PUT', '/v1/jobs/job-1', { clientId: 'client', title: 'An explainer video' });
  await gateway.host('PUT', '/v1/proposals/proposal-1', {
    jobId: 'job-1',
    freelancerId: 'talent',
    coverLetter: 'I would like to.',
  });
};

/** The thread of the seeded proposal, opened with one message. */
export const openThread = async (gateway: Pick<TestGateway, 'host'>): Promise<string> => {
  await seedHiring(gateway);
  const { body } = await gateway.host('POST', '/v1/proposals/proposal-1/thread', {
    clientMessageId: 'first-message',
    body: 'Hello!',
  });
  return body.threadId;
};
