import { pino } from 'pino';
import { afterEach, describe, expect, it } from 'vitest';
import { type RedisServer, startRedis } from '../../test/support/engines/redis.ts';
import { until } from '../../test/support/until.ts';
import { openRedis, type Redis, script } from './redis.ts';
import { slotOf } from './slot.ts';
import { parseRedisUrl } from './url.ts';

describe('a Redis URL', () => {
  it('[BR9] names one server, the master that Sentinels know, or a Cluster', () => {
    const at = (host: string, port: number) => ({ host, port });
    expect(parseRedisUrl('redis://cache')).toEqual({ kind: 'single', hosts: [at('cache', 6379)], tls: false, db: 0 });
    expect(parseRedisUrl('rediss://ada:p%40ss:w%2Fd@cache:7000/3')).toEqual({
      kind: 'single',
      hosts: [at('cache', 7000)],
      tls: true,
      db: 3,
      username: 'ada',
      password: 'p@ss:w/d',
    });
    expect(parseRedisUrl('redis://:secret@[::1]:7000')).toMatchObject({ hosts: [at('::1', 7000)], password: 'secret' });
    expect(parseRedisUrl('redis+sentinel://:secret@one,two:26380/main/2?sentinelPassword=other')).toEqual({
      kind: 'sentinel',
      hosts: [at('one', 26379), at('two', 26380)],
      tls: false,
      db: 2,
      password: 'secret',
      masterName: 'main',
      sentinelPassword: 'other',
    });
    expect(parseRedisUrl('rediss+cluster://one:7000,two:7001')).toMatchObject({ kind: 'cluster', tls: true });
  });

  it.each(['redis://', 'redis://a,b', 'redis+sentinel://a', 'redis+cluster://a/1', 'redis://:secret@a/b', 'redis://:secret@a:b'])(
    '[BR9] %s is refused, and no password is told',
    (url) => {
      expect(() => parseRedisUrl(url)).toThrow(expect.not.objectContaining({ message: expect.stringContaining('secret') }));
    },
  );
});

describe('Redis', () => {
  let server: RedisServer | undefined;
  const open: Redis[] = [];
  const logged: { level: number; msg: string }[] = [];
  const connect = (url: string): Redis => {
    const log = pino({ level: 'info' }, { write: (line: string) => logged.push(JSON.parse(line)) });
    const redis = openRedis({ url, prefix: 'test:', log });
    open.push(redis);
    return redis;
  };
  afterEach(async () => {
    await Promise.all(open.splice(0).map((redis) => redis.close()));
    await server?.stop();
    server = undefined;
    logged.length = 0;
  });

  it('[BR8] is waited for when it is away at the start, with one warning, and is there without a restart', async () => {
    server = await startRedis();
    await server.stop();
    const redis = connect(server.url);
    const heard: boolean[] = [];
    redis.onReady((ready) => heard.push(ready));
    await until('the warning', () => logged.length > 0);
    await expect(redis.client.get('x')).rejects.toThrow();
    await new Promise((resolve) => setTimeout(resolve, 2_500));
    await server.start();
    await until('Redis', () => redis.ready());
    expect(logged.map(({ level }) => level)).toEqual([40, 30]);
    expect(heard).toEqual([true]);
  });

  it('[BR8] that hangs is away; commands fail instead of waiting, and it is back by itself', async () => {
    server = await startRedis();
    const redis = connect(server.url);
    await until('Redis', () => redis.ready());
    server.signal('SIGSTOP');
    await expect(Promise.all(Array.from({ length: 100 }, () => redis.client.get('x')))).rejects.toThrow();
    await until('it to be missed', () => !redis.ready());
    // Long enough that the connection is given up.
    await new Promise((resolve) => setTimeout(resolve, 3_000));
    server.signal('SIGCONT');
    await until('Redis', () => redis.ready());
    expect(await redis.client.get('x')).toBeNull();
    expect(logged.map(({ level }) => level)).toEqual([40, 30]);
  });

  it('[BR8] that became a replica is away until it is a master again', async () => {
    server = await startRedis();
    const redis = connect(server.url);
    await until('Redis', () => redis.ready());
    await server.ask('REPLICAOF', '127.0.0.1', '1');
    await until('it to be missed', () => !redis.ready());
    await server.ask('REPLICAOF', 'NO', 'ONE');
    await until('Redis', () => redis.ready());
  });

  it('[BR8] runs a script whether it knows it or not', async () => {
    server = await startRedis();
    const redis = connect(server.url);
    await until('Redis', () => redis.ready());
    const add = script('return ARGV[1] + ARGV[2]');
    expect(await redis.run(add, [], [1, 2])).toBe(3);
    expect(await redis.run(add, [], [3, 4])).toBe(7);
    await server.ask('SCRIPT', 'FLUSH');
    expect(await redis.run(add, [], [5, 6])).toBe(11);
  });

  it('[BR9] slots are those of Redis Cluster', () => {
    // From the specification of Redis Cluster, and CLUSTER KEYSLOT.
    expect(slotOf('123456789')).toBe(0x31c3);
    expect(slotOf('foo')).toBe(12182);
    expect(slotOf('x:{foo}:y')).toBe(12182);
    expect(slotOf('{}foo')).toBe(9500);
  });
});
