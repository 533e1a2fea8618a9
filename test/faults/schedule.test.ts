import pg from 'pg';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Deployment, GatewayNode } from '../support/deployment.ts';
import type { RedisServer } from '../support/engines/redis.ts';
import { createRandom } from '../support/random.ts';
import type { TcpProxy } from '../support/tcp-proxy.ts';
import { startTcpProxy } from '../support/tcp-proxy.ts';
import { startDeployment } from '../support/topologies.ts';
import { until } from '../support/until.ts';
import type { Device } from './device.ts';
import { FAULTS, planFaults, strike } from './schedule.ts';

describe('the plan of a run', () => {
  it('[FA1] is made by its seed, and has each kind once before any comes again', () => {
    const plan = (seed: number) => planFaults(createRandom(seed), 'cluster', 3_600_000);
    expect(plan(3)).toEqual(plan(3));
    expect(plan(3)).not.toEqual(plan(4));
    const kinds = Object.keys(FAULTS);
    expect(
      new Set(
        plan(3)
          .map(({ kind }) => kind)
          .slice(0, kinds.length),
      ).size,
    ).toBe(kinds.length);
    const alone = planFaults(createRandom(3), 'single', 3_600_000).map(({ kind }) => kind);
    expect(alone.some((kind) => FAULTS[kind]?.on === 'cluster')).toBe(false);
  });
});

const SILENCE_MS = 350;

/** `answered` with what it said, `refused`, or `silent`. */
const ask = async (port: number, path = '/healthz'): Promise<string> => {
  try {
    const response = await fetch(`http://127.0.0.1:${port}${path}`, { signal: AbortSignal.timeout(SILENCE_MS) });
    return `answered ${response.status} ${await response.text()}`;
  } catch (error) {
    return (error as Error).name === 'TimeoutError' ? 'silent' : 'refused';
  }
};

describe('each kind of fault', () => {
  let deployment: Deployment;
  let gateway: GatewayNode;
  let deviceLine: TcpProxy;
  let device: Device;

  beforeAll(async () => {
    deployment = await startDeployment('cluster', {}, { sentinel: true });
    gateway = deployment.gateways[0]!;
    deviceLine = await startTcpProxy(gateway.server.port);
    device = { line: deviceLine, skewMs: 0 } as Device;
  }, 120_000);
  afterAll(async () => {
    await deviceLine?.close();
    await deployment?.close();
  });

  const redis = async (): Promise<string> => {
    const answer = deployment.redis!.ask('PING').then(
      () => 'answered',
      () => 'refused',
    );
    return Promise.race([answer, new Promise<string>((resolve) => setTimeout(resolve, SILENCE_MS, 'silent'))]);
  };
  const postgres = async (): Promise<string> => {
    const client = new pg.Client({ host: '127.0.0.1', port: deployment.postgres!.port, user: 'parley', database: 'postgres' });
    client.on('error', () => {});
    try {
      await client.connect();
      await client.end();
      return 'answered';
    } catch {
      return 'refused';
    }
  };
  /** The Redis that was master as the test began. */
  let before: RedisServer;
  const roleOfBefore = (): Promise<string> =>
    before.ask('ROLE').then(
      (role) => (role as string[])[0] as string,
      () => 'refused',
    );
  const readiness = (): Promise<string> => ask(gateway.server.port, '/readyz');
  const throughFront = (): Promise<string> => ask(gateway.front.port);
  const mediaNode = (): Promise<string> => ask(deployment.mediaNodes[0]!.port);
  /** What shows each, and what it shows while it lasts. */
  const SIGNS: Readonly<Record<string, readonly [look: () => Promise<string>, broken: RegExp]>> = {
    'gateway killed': [() => ask(gateway.server.port), /refused/],
    'gateway drained': [() => ask(gateway.server.port), /refused/],
    'gateway hung': [() => ask(gateway.server.port), /silent/],
    'line cut': [throughFront, /refused/],
    'line frozen': [throughFront, /silent/],
    'line slow': [throughFront, /silent/],
    'answers lost': [throughFront, /silent/],
    'slow reader': [() => ask(deviceLine.port), /silent/],
    'clock skew': [async () => (device.skewMs === 0 ? 'right' : 'wrong'), /wrong/],
    'media node killed': [mediaNode, /refused/],
    'media node hung': [mediaNode, /silent/],
    'Redis killed': [redis, /refused/],
    'Redis hung': [redis, /silent/],
    'Redis flushed': [async () => ((await deployment.redis!.ask('GET', 'mark')) === null ? 'empty' : 'answered'), /empty/],
    'Redis cut off': [readiness, /degraded.*redis/s],
    'Redis failed over': [roleOfBefore, /slave/],
    'Redis master killed': [roleOfBefore, /refused/],
    'PostgreSQL crashed': [postgres, /refused/],
    'PostgreSQL cut off': [readiness, /503.*store/s],
    'PostgreSQL frozen': [readiness, /503.*store/s],
  };

  /** What these did stays done. */
  const STAYS = ['Redis flushed', 'Redis failed over'];

  it('has a sign that shows it', () => expect(Object.keys(SIGNS).sort()).toEqual(Object.keys(FAULTS).sort()));

  it.each(Object.entries(SIGNS))('[FA5] breaks what it is named after, and healing ends it: %s', async (kind, [look, broken]) => {
    await deployment.redis!.ask('SET', 'mark', 'here');
    before = (await deployment.redis!.sentinel!.roles()).master;
    await until('all to be well', async () => !broken.test(await look()), 30_000);
    const heal = await strike({ deployment, devices: [device] }, { kind, atMs: 0, lastsMs: 1_000, target: 0 });
    await until('it to show', async () => broken.test(await look()), 30_000);
    await heal();
    if (!STAYS.includes(kind)) await until('it to be over', async () => !broken.test(await look()), 30_000);
    await until('the gateway to have all that it needs', async () => /"ready"/.test(await readiness()), 30_000);
  });
});
