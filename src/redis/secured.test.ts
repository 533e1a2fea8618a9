import { readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { Redis as Client } from 'ioredis';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { type Certificates, makeCertificates } from '../../test/support/certificates.ts';
import { answers, startEngine } from '../../test/support/engines/engine.ts';
import { type RedisServer, startRedis } from '../../test/support/engines/redis.ts';
import { openThread, startGateway } from '../../test/support/gateway.ts';
import { freePort } from '../../test/support/server-process.ts';
import { until } from '../../test/support/until.ts';
import { createLog } from '../log.ts';
import { openSqliteStore } from '../store/sqlite-store.ts';
import { openRedis, type Redis } from './redis.ts';

const ADMIN = 'the-password-of-the-default-user';
const SECRET = 'a-p@ssw0rd/of:parley';
const CREDENTIALS = `parley:${encodeURIComponent(SECRET)}`;

/** What the handbook gives the user, as it is written there. */
const rights = (): string[] => {
  const handbook = readFileSync(new URL('../../docs/operations.md', import.meta.url), 'utf8');
  const { words } = /^ {4}user parley on >\S+ (?<words>.+)$/m.exec(handbook)?.groups ?? {};
  return (words as string).split(' ');
};

describe('a Redis with users, passwords and TLS', () => {
  let certificates: Certificates;
  let others: Certificates;
  let server: RedisServer;
  let tlsPort: number;
  let admin: Client;
  const closings: (() => unknown)[] = [];
  const logged: string[] = [];

  beforeAll(async () => {
    certificates = await makeCertificates(['DNS:localhost']);
    others = await makeCertificates(['DNS:localhost']);
    tlsPort = await freePort();
    const { ca, cert, key } = certificates;
    server = await startRedis([
      ...['--tls-port', `${tlsPort}`, '--tls-ca-cert-file', ca, '--tls-cert-file', cert, '--tls-key-file', key],
      ...['--tls-auth-clients', 'no', '--requirepass', ADMIN],
      ...['--user', 'parley', 'on', `>${SECRET}`, ...rights()],
    ]);
    admin = new Client({ port: server.port, password: ADMIN });
  });
  afterEach(async () => {
    for (const close of closings.splice(0).reverse()) await close();
    logged.length = 0;
  });
  afterAll(async () => {
    admin.disconnect();
    await server.stop();
    await certificates.dispose();
    await others.dispose();
  });

  const open = (url: string, caFile?: string): Redis => {
    const log = createLog({ level: 'trace', pretty: false }, undefined, { write: (line) => void logged.push(line) });
    const redis = openRedis({ url, prefix: 'parley:', caFile, log });
    closings.push(() => redis.close());
    return redis;
  };
  const told = (): { level: number; msg: string }[] => logged.map((line) => JSON.parse(line));
  const secure = (host = 'localhost', credentials = CREDENTIALS): string => `rediss://${credentials}@${host}:${tlsPort}`;

  it('[RD8] gateways work over TLS as a user with the rights of the handbook, and need no other', async () => {
    await admin.call('ACL', 'LOG', 'RESET');
    const store = await openSqliteStore({ path: ':memory:' });
    closings.push(() => store.close());
    const settings = {
      'redis.url': secure(),
      'redis.caFile': certificates.ca,
      'cluster.secret': 'a-cluster-secret-of-the-tests-with-32-chars',
      'store.databaseUrl': 'postgres://given/store',
    };
    const gateways = await Promise.all([1, 2].map(() => startGateway(settings, { store: { ...store, close: async () => {} } })));
    for (const gateway of gateways) closings.push(() => gateway.close());
    const [a, b] = gateways as [(typeof gateways)[0], (typeof gateways)[0]];
    for (const gateway of gateways)
      await until('Redis', async () => (await (await gateway.get('/readyz')).json()).status === 'ready');
    const threadId = await openThread(a);
    const [sender, reader] = [await a.signIn('client'), await b.signIn('talent')];
    await sender.request('message.post', { threadId, clientMessageId: 'over-tls-1', body: 'Over TLS' });
    await until('the push', () => reader.pushes('inbox').length > 0);
    await until('presence', async () => {
      const { presence } = await sender.request('session.watch', { threadIds: [threadId], userIds: ['talent'] });
      return presence[0]?.online;
    });
    // Media nodes and sessions use it too, and a room is placed.
    const interviewId = crypto.randomUUID();
    await sender.request('interview.call', { threadId, interviewId, media: 'audio' });
    await sender.request('room.join', { interviewId, participantId: crypto.randomUUID() });
    const socket = await a.connect();
    const { sessionId, resumeToken } = await socket.request('session.open', { protocol: 1, token: a.token('talent') });
    const other = await b.connect();
    const resume = { sessionId, resumeToken };
    const resumed = await other.request('session.open', { protocol: 1, token: b.token('talent'), resume });
    expect(resumed.resumed).toBe(true);
    expect(await admin.call('ACL', 'LOG')).toEqual([]);
    expect(await admin.call('CLIENT', 'LIST')).toMatch(/user=parley/);
  }, 60_000);

  it('[RD8] behind Sentinel the Sentinel is asked over TLS too, with a password of its own, and the one that is wrong is told', async () => {
    const byAddress = await makeCertificates(['IP:127.0.0.1']);
    closings.push(() => byAddress.dispose());
    const [masterPort, port, plainPort] = [await freePort(), await freePort(), await freePort()];
    const { ca, cert, key } = byAddress;
    const tls = { 'tls-ca-cert-file': ca, 'tls-cert-file': cert, 'tls-key-file': key, 'tls-auth-clients': 'no' };
    const flags = Object.entries(tls).flatMap(([name, value]) => [`--${name}`, value]);
    const master = await startRedis(['--tls-port', `${masterPort}`, '--requirepass', ADMIN, ...flags]);
    closings.push(() => master.stop());
    const folder = dirname(ca);
    const file = join(folder, 'sentinel.conf');
    const lines = Object.entries({
      ...tls,
      port: plainPort,
      'tls-port': port,
      'tls-replication': 'yes',
      dir: folder,
      requirepass: 'of-the-sentinel',
      'sentinel monitor': `main 127.0.0.1 ${masterPort} 1`,
      'sentinel auth-pass': `main ${ADMIN}`,
    }).map(([name, value]) => `${name} ${value}`);
    writeFileSync(file, `${lines.join('\n')}\n`);
    const sentinel = await startEngine('redis-server', [file, '--sentinel'], { isReady: () => answers(port) });
    closings.push(() => sentinel.stop());
    const url = `rediss+sentinel://:${ADMIN}@127.0.0.1:${port}/main`;
    const redis = open(`${url}?sentinelPassword=of-the-sentinel`, ca);
    await until('Redis', () => redis.ready());
    await redis.client.set('parley:over', 'tls');
    logged.length = 0;
    const refused = open(`${url}?sentinelPassword=of-nobody`, ca);
    await until('the reason', () => told().some(({ level, msg }) => level === 50 && msg.includes('REDIS_URL')));
    expect(refused.ready()).toBe(false);
    expect(logged.join('')).not.toMatch(/of-nobody|of-the-sentinel/);
  });

  it('[RD8] a certificate that nobody known signed, or that is for another name, is refused, and the setting is named', async () => {
    for (const [url, ca] of [
      [secure(), undefined],
      [secure(), others.ca],
      [secure('127.0.0.1'), certificates.ca],
    ] as const) {
      logged.length = 0;
      const redis = open(url, ca);
      await until('the reason', () => told().find(({ level, msg }) => level === 50 && msg.includes('PARLEY_REDIS_CA_FILE')));
      expect(redis.ready()).toBe(false);
    }
  });

  it('[RD9] a password that is wrong or missing is told once, with its setting and no secret, and Redis is there once it is right', async () => {
    const wrong = 'a-wr0ng-p@ssword';
    for (const [url, reason] of [
      [secure('localhost', `parley:${encodeURIComponent(wrong)}`), 'refuses the user or the password in REDIS_URL'],
      [`redis://127.0.0.1:${server.port}`, 'asks for a password, and REDIS_URL has none'],
    ] as const) {
      logged.length = 0;
      const redis = open(url, url.startsWith('rediss') ? certificates.ca : undefined);
      await until('the reason', () => told().some(({ level, msg }) => level === 50 && msg.includes(reason)));
      // Several attempts go by.
      await new Promise((resolve) => setTimeout(resolve, 3_000));
      expect(told()).toHaveLength(1);
      expect(redis.ready()).toBe(false);
      expect(logged.join('')).not.toMatch(new RegExp(`${wrong}|${encodeURIComponent(wrong)}|${ADMIN}|${SECRET}`));
    }
    const redis = open(secure('localhost', `parley:${encodeURIComponent(wrong)}`), certificates.ca);
    await until('the reason', () => told().length > 0);
    await admin.call('ACL', 'SETUSER', 'parley', `>${wrong}`);
    await until('Redis', () => redis.ready());
    await admin.call('ACL', 'SETUSER', 'parley', `<${wrong}`);
  }, 60_000);

  it('[RD9] a user without a right that is needed is told of, with what was refused', async () => {
    await admin.call('ACL', 'SETUSER', 'narrow', 'on', '>narrow', '~other:*', '+@all');
    const redis = open(`redis://narrow:narrow@127.0.0.1:${server.port}`);
    await until('the reason', () => told().some(({ level, msg }) => level === 50 && msg.includes('the user in REDIS_URL')));
    expect(logged.join('')).toContain('NOPERM');
    expect(redis.ready()).toBe(false);
  });

  it('[RD9] a URL that is none and a file that is not there end the start, by the name of the setting', () => {
    expect(() => open('redis://user:hidden@a/b')).toThrow(
      expect.objectContaining({ problems: [expect.stringMatching(/^redis\.url \(REDIS_URL\): (?!.*hidden)/)] }),
    );
    expect(() => open(secure(), '/no/such/file.pem')).toThrow(
      expect.objectContaining({
        problems: [expect.stringMatching(/^redis\.caFile \(PARLEY_REDIS_CA_FILE\): .*\/no\/such\/file/)],
      }),
    );
  });

  it('[OP2] an error of Redis is logged without what was asked: frames have messages in them', async () => {
    const redis = open(secure(), certificates.ca);
    await until('Redis', () => redis.ready());
    await admin.call('ACL', 'SETUSER', 'deaf', 'on', '>deaf', '~*', '+@all', 'resetchannels');
    const deaf = new Client({ port: server.port, username: 'deaf', password: 'deaf' });
    const error: Error = await deaf.publish('channel', 'marzipan').then(
      () => expect.unreachable(),
      (reason) => reason,
    );
    deaf.disconnect();
    expect(JSON.stringify(error)).toContain('marzipan');
    const log = createLog({ level: 'trace', pretty: false }, undefined, { write: (line) => void logged.push(line) });
    log.warn({ err: error }, 'a frame was not published');
    log.warn({ err: new Error('outer', { cause: error }) }, 'a frame was not published');
    log.warn({ err: new AggregateError([error], 'several') }, 'a frame was not published');
    expect(logged.join('')).not.toContain('marzipan');
    expect(logged.join('')).toContain('NOPERM');
  });
});
