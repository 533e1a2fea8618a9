import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { CATEGORIES } from '../src/safety/verdict.ts';
import { ConfigError, loadConfig, printConfig } from './index.ts';
import { settings } from './load.ts';
import { POLICY_CATEGORIES } from './policy.ts';

const secrets = {
  PARLEY_JWT_SECRET: 'x'.repeat(32),
  PARLEY_HOST_API_KEY: 'y'.repeat(24),
  PARLEY_SEAL_KEYS: JSON.stringify([`${'A'.repeat(43)}=`]),
};

const problemsOf = (load: () => unknown): readonly string[] => {
  try {
    load();
  } catch (error) {
    if (error instanceof ConfigError) return error.problems;
    throw error;
  }
  return [];
};

const file = (content: string): string => {
  const path = join(mkdtempSync(join(tmpdir(), 'parley-config-')), 'parley.json');
  writeFileSync(path, content);
  return path;
};

describe('configuration', () => {
  it('[CF1] the environment wins over the file, and the file over the defaults', () => {
    const path = file('{ "http": { "port": 9000, "host": "0.0.0.0" }, "media": { "workers": 3 } }');
    const config = loadConfig({ ...secrets, PARLEY_CONFIG: path, PARLEY_PORT: '9001' });
    expect(config.http).toMatchObject({ port: 9001, host: '0.0.0.0' });
    expect(config.media.workers).toBe(3);
    expect(config.session.heartbeatMs).toBe(20_000);
  });

  it('[CF2] a bad configuration lists every bad key at once, with its environment variable', () => {
    const problems = problemsOf(() =>
      loadConfig({
        PARLEY_PORT: 'eighty',
        PARLEY_LOG_LEVEL: 'loud',
        PARLEY_JWT_SECRET: 'short',
        PARLEY_DEMO: 'perhaps',
        PARLEY_ICE_SERVERS: '[{"urls":["http:x"]}]',
        PARLEY_TURN_URLS: '["turns:turn.example.com"]',
      }),
    );
    const text = problems.join('\n');
    for (const key of [
      'http.port (PARLEY_PORT)',
      'log.level (PARLEY_LOG_LEVEL)',
      'auth.jwtSecret (PARLEY_JWT_SECRET)',
      'demo (PARLEY_DEMO)',
      'media.iceServers',
      'media.turn.secret',
    ]) {
      expect(text).toContain(key);
    }
  });

  it('[CF2] an unknown key in the file is refused by name', () => {
    const path = file('{ "http": { "prot": 9000 }, "colour": "red" }');
    const problems = problemsOf(() => loadConfig({ ...secrets, PARLEY_CONFIG: path }));
    expect(problems.join('\n')).toMatch(/http\.prot/);
    expect(problems.join('\n')).toMatch(/colour/);
  });

  it('[CF2] a file that is no JSON object is refused', () => {
    expect(problemsOf(() => loadConfig({ PARLEY_CONFIG: file('[1]') }))[0]).toContain('must hold a JSON object');
    expect(problemsOf(() => loadConfig({ PARLEY_CONFIG: file('{') }))[0]).toContain('cannot be read as JSON');
  });

  it('[CF3] outside demo mode a start without secrets is refused, and names each', () => {
    expect(problemsOf(() => loadConfig({}))).toEqual([
      expect.stringContaining('PARLEY_JWT_SECRET'),
      expect.stringContaining('PARLEY_HOST_API_KEY'),
      expect.stringContaining('PARLEY_SEAL_KEYS'),
    ]);
    expect(loadConfig({ PARLEY_DEMO: 'true' }).demo).toBe(true);
  });

  it('[CF3] [JW5] a key server stands in for the secret, over https or on this host', () => {
    const { PARLEY_JWT_SECRET: _, ...others } = secrets;
    const withKeys = (url: string) => () => loadConfig({ ...others, PARLEY_JWKS_URL: url });
    for (const url of ['https://host.example/keys', 'http://127.0.0.1:9000/keys', 'http://localhost/keys', 'http://[::1]/keys'])
      expect(problemsOf(withKeys(url))).toEqual([]);
    for (const url of ['http://host.example/keys', 'http://127.0.0.1.host.example/keys', 'ftp://127.0.0.1/keys', 'keys'])
      expect(problemsOf(withKeys(url)).join()).toContain('PARLEY_JWKS_URL');
  });

  it('[GD11] what becomes of each category is a setting, and a word that is none stops the start by name', () => {
    const policy = (text: string) => loadConfig({ ...secrets, PARLEY_SAFETY_POLICY: text }).safety.policy;
    expect(policy('{"before": {"phone": "warn"}, "certainFrom": 0.9}')).toMatchObject({
      before: { phone: 'warn', email: 'mask', reward: 'block' },
      active: { phone: 'allow' },
      certainFrom: 0.9,
    });
    for (const text of ['{"before": {"phone": "hide"}}', '{"before": {"fax": "mask"}}', '{"later": {}}', '[]', 'mask'])
      expect(problemsOf(() => policy(text)).join(), text).toContain('safety.policy');
    expect([...POLICY_CATEGORIES].toSorted()).toEqual([...CATEGORIES].toSorted());
    for (const keys of ['["short"]', '"x"', '["c2hvcnQ="]'])
      expect(problemsOf(() => loadConfig({ ...secrets, PARLEY_SEAL_KEYS: keys })).join()).toContain('PARLEY_SEAL_KEYS');
  });

  it('[GW3] several gateways need Redis and PostgreSQL, and a secret of the cluster', () => {
    expect(problemsOf(() => loadConfig({ ...secrets, PARLEY_GATEWAYS: '2' })).join()).toMatch(/REDIS_URL.*DATABASE_URL/);
    const engines = { REDIS_URL: 'redis://localhost', DATABASE_URL: 'postgres://localhost/parley' };
    expect(problemsOf(() => loadConfig({ ...secrets, ...engines, PARLEY_GATEWAYS: '2' })).join()).toMatch(
      /PARLEY_CLUSTER_SECRET/,
    );
    const config = loadConfig({ ...secrets, ...engines, PARLEY_GATEWAYS: '2', PARLEY_CLUSTER_SECRET: 'z'.repeat(32) });
    expect(config.cluster.gateways).toBe(2);
  });

  it('[CF5] a media node alone needs Redis and the secret of the cluster, and nothing else', () => {
    const media = { PARLEY_ROLES: 'media', REDIS_URL: 'redis://localhost', PARLEY_CLUSTER_SECRET: 'z'.repeat(32) };
    expect(problemsOf(() => loadConfig(media))).toEqual([]);
    expect(problemsOf(() => loadConfig({ ...media, PARLEY_CLUSTER_SECRET: '' })).join()).toContain('PARLEY_CLUSTER_SECRET');
    expect(problemsOf(() => loadConfig({ ...media, REDIS_URL: '' })).join()).toContain('REDIS_URL');
    expect(problemsOf(() => loadConfig({ ...media, PARLEY_ROLES: 'gateway' })).join()).toMatch(
      /JWT_SECRET.*API_KEY.*DATABASE_URL/,
    );
  });

  it('[CF6] a media node that listens on every interface must say where gateways reach it', () => {
    const media = { PARLEY_ROLES: 'media', REDIS_URL: 'redis://localhost', PARLEY_CLUSTER_SECRET: 'z'.repeat(32) };
    for (const host of ['0.0.0.0', '::']) {
      const everywhere = { ...media, PARLEY_MEDIA_CONTROL_HOST: host };
      expect(problemsOf(() => loadConfig(everywhere))).toEqual([expect.stringContaining('PARLEY_MEDIA_CONTROL_URL')]);
      expect(problemsOf(() => loadConfig({ ...everywhere, PARLEY_MEDIA_CONTROL_URL: 'ws://media-1:4443' }))).toEqual([]);
    }
    expect(problemsOf(() => loadConfig({ ...secrets, PARLEY_MEDIA_CONTROL_HOST: '0.0.0.0' }))).toEqual([]);
  });

  it('[CF7] authorities for the certificate of Redis are refused where it is reached without TLS', () => {
    const withFile = { ...secrets, PARLEY_CLUSTER_SECRET: 'z'.repeat(32), DATABASE_URL: 'postgres://localhost/parley' };
    const problems = (url: string) =>
      problemsOf(() => loadConfig({ ...withFile, PARLEY_REDIS_CA_FILE: '/a.pem', REDIS_URL: url }));
    for (const url of ['redis://localhost', 'redis+sentinel://localhost/main', ''])
      expect(problems(url).join()).toContain('PARLEY_REDIS_CA_FILE');
    for (const url of ['rediss://localhost', 'rediss+cluster://localhost']) expect(problems(url)).toEqual([]);
  });

  it('[CF4] the printed configuration documents every setting and shows no secret', () => {
    const printed = printConfig(loadConfig({ ...secrets, PARLEY_ICE_SERVERS: '[{"urls":["turn:t"],"credential":"hush"}]' }));
    for (const { key, env, doc } of settings()) {
      expect(printed).toContain(`${key} = `);
      expect(printed).toContain(`${env}: ${doc}`);
      expect(doc).toMatch(/\.$/);
    }
    expect(printed).not.toMatch(/x{32}|y{24}|hush/);
    expect(printed).toContain('auth.jwtSecret = (set, hidden)');
  });
});
