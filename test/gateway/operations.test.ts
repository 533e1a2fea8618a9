import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { route } from '../../src/http/http.ts';
import { createApp, listen } from '../../src/socket/app.ts';
import { API_KEY, seedHiring, startGateway, type TestGateway } from '../support/gateway.ts';
import { RawSocket } from '../support/raw-socket.ts';
import { freePort, startServer } from '../support/server-process.ts';
import { until } from '../support/until.ts';

const MAIN = fileURLToPath(new URL('../../src/main.ts', import.meta.url));
const parley = (args: readonly string[], env: Record<string, string> = {}) =>
  promisify(execFile)(process.execPath, ['--disable-warning=ExperimentalWarning', MAIN, ...args], {
    env: { PATH: process.env.PATH ?? '', ...env },
  });

describe('operations', () => {
  let gateway: TestGateway;
  beforeAll(async () => {
    gateway = await startGateway();
  });
  afterAll(() => gateway.close());

  it('[OP1] health, readiness and metrics answer', async () => {
    expect(await (await gateway.get('/healthz')).json()).toEqual({ status: 'ok' });
    expect(await (await gateway.get('/readyz')).json()).toEqual({ status: 'ready' });
    await seedHiring(gateway);
    await gateway.signIn('client');
    const text = await (await gateway.get('/metrics')).text();
    expect(text).toMatch(/^parley_sessions 1$/m);
    expect(text).toMatch(/^parley_request_duration_seconds_count\{type="session.open",outcome="ok"\} 1$/m);
    expect(text).toMatch(/^parley_media_rooms\{worker="\d+"\} 0$/m);
    expect(text).toMatch(/^process_resident_memory_bytes /m);
  });

  it('[OP2] neither a body nor a token is logged, not even at trace level', async () => {
    const server = await startServer({ PARLEY_LOG_LEVEL: 'trace', PARLEY_DEMO: 'true' });
    const origin = `http://127.0.0.1:${server.port}`;
    try {
      const { people } = (await (await fetch(`${origin}/demo/people`)).json()) as {
        people: { user: { userId: string }; token: string }[];
      };
      const tokenOf = (id: string): string => people.find(({ user }) => user.userId === id)?.token ?? '';
      const [token, ofUpgrade] = [tokenOf('dana'), tokenOf('tomas')];
      const socket = await RawSocket.connect(server.socketUrl);
      const { resumeToken } = await socket.request('session.open', { protocol: 1, token });
      const message = { proposalId: 'proposal-tomas', clientMessageId: 'a-secret-message', body: 'marzipan-in-the-body' };
      await socket.request('proposal.message', message);
      await socket.refused('proposal.message', { ...message, body: 'marzipan-of-another-kind' });
      await socket.refused('message.post', { body: 'marzipan-where-it-is-invalid' });
      socket.terminate();

      const upgraded = await RawSocket.connect(server.socketUrl, { authorization: `Bearer ${ofUpgrade}` });
      await upgraded.request('session.open', { protocol: 1 });
      upgraded.terminate();
      const refused = await RawSocket.connect(server.socketUrl, { authorization: 'Bearer marzipan-at-the-upgrade' });
      await refused.refused('session.open', { protocol: 1 });
      await refused.whenClosed();

      const put = (path: string, body: string, key = API_KEY) =>
        fetch(`${origin}${path}`, { method: 'PUT', headers: { authorization: `Bearer ${key}` }, body });
      const letter = { jobId: 'job-explainer', freelancerId: 'kwame', coverLetter: 'marzipan-in-the-letter' };
      const statuses = [
        await put('/v1/proposals/proposal-kwame-2', JSON.stringify(letter)),
        await put('/v1/proposals/proposal-kwame-2', JSON.stringify({ ...letter, freelancerId: 'marzipan-nobody' })),
        await put('/v1/users/dana', '{"displayName": "marzipan-cut-off'),
        await put('/v1/users/dana', JSON.stringify({ displayName: ['marzipan-that-is-no-name'] })),
        await put('/v1/users/dana', JSON.stringify({ displayName: 'Dana' }), 'marzipan-is-a-wrong-key'),
        await fetch(`${origin}/v1/proposals/proposal-kwame-2/thread`, {
          method: 'POST',
          headers: { authorization: `Bearer ${API_KEY}` },
          body: JSON.stringify({ clientMessageId: 'another-secret', body: 'marzipan-in-the-first-message' }),
        }),
      ].map(({ status }) => status);
      expect(statuses).toEqual([201, 404, 400, 422, 401, 201]);

      await server.stop('SIGTERM');
      const output = server.output();
      expect(output).toContain('"msg":"listening"');
      // It speaks of each of these requests, and only of that.
      expect(output.match(/"msg":"a route answered"/g)?.length).toBeGreaterThanOrEqual(statuses.length);
      for (const secret of ['marzipan', token, ofUpgrade, resumeToken, API_KEY]) expect(output).not.toContain(secret);
    } finally {
      await server.dispose();
    }
  });

  it('[OP8] each answer names its request, as who asks named it if they did; so do an error and the log', async () => {
    const server = await startServer({ PARLEY_LOG_LEVEL: 'debug' });
    try {
      const ask = async (key: string, given?: string) => {
        const headers = { authorization: `Bearer ${key}`, ...(given === undefined ? {} : { 'x-request-id': given }) };
        const answer = await fetch(`http://127.0.0.1:${server.port}/v1/users/nobody`, { headers });
        return { id: answer.headers.get('x-request-id'), body: (await answer.json()) as { requestId: string } };
      };
      expect(await ask(API_KEY, 'site-42:7')).toMatchObject({ id: 'site-42:7', body: { requestId: 'site-42:7' } });
      const made = await ask('wrong');
      expect(made.id).toMatch(/^[0-9a-f-]{36}$/);
      expect(made.body.requestId).toBe(made.id);
      for (const odd of ['two words', 'x'.repeat(101), '{"a":1}'])
        expect((await ask(API_KEY, odd)).id).toMatch(/^[0-9a-f-]{36}$/);
      await until('both to be in the log', () =>
        ['site-42:7', made.id].every((id) => server.output().includes(`"requestId":"${id}","route":"/v1/users/:userId"`)),
      );
    } finally {
      await server.dispose();
    }
  });

  it('[OP8] a failure that is our bug is in the log under the id that is answered', async () => {
    const app = createApp();
    const noted: { error: unknown; requestId: string }[] = [];
    route(app, 'get', '/broken', { onInternal: (error, _, requestId) => noted.push({ error, requestId }) }, () => {
      throw new TypeError('marzipan');
    });
    const port = await listen(app, '127.0.0.1', 0);
    try {
      const answer = await fetch(`http://127.0.0.1:${port.port}/broken`);
      const body = await answer.text();
      expect(answer.status).toBe(500);
      expect(body).not.toContain('marzipan');
      expect(noted).toEqual([{ error: expect.any(TypeError), requestId: answer.headers.get('x-request-id') }]);
      expect(JSON.parse(body).requestId).toBe(noted[0]?.requestId);
    } finally {
      port.stop();
      app.close();
    }
  });

  it('[OP3] the web application comes with a strict policy and the right caching', async () => {
    const root = await mkdtemp(join(tmpdir(), 'parley-web-'));
    await mkdir(join(root, 'assets'));
    await writeFile(join(root, 'index.html'), '<!doctype html><title>Parley</title>');
    await writeFile(join(root, 'assets', 'app-1a2b.js'), 'export {};');
    const serving = await startGateway({ 'http.webRoot': root });
    try {
      const page = await serving.get('/');
      expect(page.headers.get('content-security-policy')).toMatch(/default-src 'self'.*object-src 'none'/);
      expect(page.headers.get('content-security-policy')).not.toMatch(/script-src[^;]*unsafe/);
      expect(page.headers.get('cache-control')).toBe('no-cache');
      expect((await serving.get('/threads/some-place')).headers.get('content-type')).toContain('text/html');
      const script = await serving.get('/assets/app-1a2b.js');
      expect(script.headers.get('cache-control')).toContain('immutable');
      expect(script.headers.get('content-type')).toContain('text/javascript');
      for (const path of ['/assets/none.js', '/../package.json', '/%2e%2e/package.json', '/v1/nothing'])
        expect((await serving.get(path)).status).toBe(404);
    } finally {
      await serving.close();
    }
  });

  it('[OP4] a taken port stops the start and says so', async () => {
    await expect(
      parley(['serve', '--demo', '--port', String(gateway.port)], {
        PARLEY_DATA_DIR: await mkdtemp(join(tmpdir(), 'parley-')),
        ...workerEnv(),
      }),
    ).rejects.toMatchObject({
      code: 1,
      stderr: expect.stringContaining(`Port ${gateway.port}`),
    });
  });

  it('[OP4] [GW4] a taken port stops a supervisor before it starts anything', async () => {
    await expect(
      parley(['serve', '--port', String(gateway.port)], {
        PARLEY_GATEWAYS: '2',
        PARLEY_JWT_SECRET: 'x'.repeat(32),
        PARLEY_HOST_API_KEY: 'y'.repeat(24),
        PARLEY_SEAL_KEYS: JSON.stringify([`${'A'.repeat(43)}=`]),
        PARLEY_CLUSTER_SECRET: 'z'.repeat(32),
        REDIS_URL: 'redis://127.0.0.1:1',
        DATABASE_URL: 'postgres://127.0.0.1:1/parley',
        ...workerEnv(),
      }),
    ).rejects.toMatchObject({ code: 1, stderr: expect.stringContaining(`Port ${gateway.port}`) });
  });

  it('[OP7] health and metrics have a port of their own when it is set, and are on no other', async () => {
    const operationsPort = await freePort();
    const webRoot = await mkdtemp(join(tmpdir(), 'parley-web-'));
    await writeFile(join(webRoot, 'index.html'), '<!doctype html>');
    const split = await startGateway({ 'http.operationsPort': operationsPort, 'http.webRoot': webRoot });
    try {
      for (const path of ['healthz', 'readyz', 'metrics']) {
        expect((await fetch(`http://127.0.0.1:${operationsPort}/${path}`)).status).toBe(200);
        expect((await split.get(`/${path}`)).status).toBe(404);
      }
      expect((await split.get('/threads')).status).toBe(200);
    } finally {
      await split.close();
      await rm(webRoot, { recursive: true });
    }
    await expect(fetch(`http://127.0.0.1:${operationsPort}/healthz`)).rejects.toThrow();
  });

  it('[OP5] demo people exist in demo mode only', async () => {
    expect((await gateway.get('/demo/people')).status).toBe(404);
    expect((await gateway.get('/demo/token?user=dana')).status).toBe(404);
    const demo = await startGateway({ demo: true });
    try {
      const { people } = (await (await demo.get('/demo/people')).json()) as { people: { role: string }[] };
      expect(people.map(({ role }) => role)).toEqual(['client', 'freelancer', 'freelancer', 'freelancer', 'moderator']);
      expect((await demo.get('/demo/token?user=root')).status).toBe(404);
      const { token } = (await (await demo.get('/demo/token?user=tomas')).json()) as { token: string };
      const socket = await demo.connect();
      await socket.request('session.open', { protocol: 1, token });
      const { proposals } = await socket.request('proposal.list', {});
      expect(proposals).toMatchObject([{ status: 'proposed', jobTitle: 'Explainer video for a furniture care app' }]);
    } finally {
      await demo.close();
    }
  });

  it('[OP6] parley token mints a token that the server accepts', async () => {
    const server = await startServer({ PARLEY_DEMO: 'true' });
    try {
      const { stdout } = await parley(['token', '--user', 'dana'], {
        PARLEY_DATA_DIR: server.dataDir,
        PARLEY_JWT_SECRET: 'a-secret-of-the-tests-with-32-chars-or-more',
      });
      const socket = await RawSocket.connect(server.socketUrl);
      expect((await socket.request('session.open', { protocol: 1, token: stdout.trim() })).user.userId).toBe('dana');
      socket.terminate();
    } finally {
      await server.dispose();
    }
    await expect(parley(['token'])).rejects.toMatchObject({ code: 2, stderr: expect.stringContaining('--user ID') });
  });

  it('[OP30] parley health ends with 0 where the server answers and says why not with 1', async () => {
    const server = await startServer();
    const env = { PARLEY_PORT: String(server.port), PARLEY_HOST: '0.0.0.0' };
    try {
      expect((await parley(['health'], env)).stdout).toBe('{"status":"ok"}\n');
      expect((await parley(['health', '--ready'], env)).stdout).toBe('{"status":"ready"}\n');
      expect(await server.stop('SIGTERM')).toBe(0);
      await expect(parley(['health'], env)).rejects.toMatchObject({
        code: 1,
        stdout: expect.stringContaining('no answer at localhost'),
      });
    } finally {
      await server.dispose();
    }
  });

  it('[CF2] the program stops at a bad configuration and lists every bad key', async () => {
    await expect(parley(['serve'], { PARLEY_PORT: 'x', PARLEY_LOG_LEVEL: 'loud' })).rejects.toMatchObject({
      code: 2,
      stderr: expect.stringMatching(/http\.port[\s\S]*log\.level/),
    });
  });
});

const workerEnv = (): Record<string, string> => ({ MEDIASOUP_WORKER_BIN: process.env.MEDIASOUP_WORKER_BIN ?? '' });
