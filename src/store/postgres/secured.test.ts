import { execFile } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import pg from 'pg';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { profile } from '../../../test/contracts/store/fixtures.ts';
import { type Certificates, makeCertificates } from '../../../test/support/certificates.ts';
import { type PostgresServer, postgresOwner, startPostgres } from '../../../test/support/engines/postgres.ts';
import { MAIN } from '../../../test/support/server-process.ts';
import { until } from '../../../test/support/until.ts';
import { createLog } from '../../log.ts';
import { openPostgresStore } from '../postgres-store.ts';

const SECRET = 'a-p@ssw0rd/of:parley';
const WRONG = 'a-wr0ng-p@ssword';

describe('a PostgreSQL that takes passwords, over TLS alone', () => {
  let certificates: Certificates;
  let others: Certificates;
  let server: PostgresServer;
  let admin: pg.Client;
  let database: string;

  beforeAll(async () => {
    certificates = await makeCertificates(['DNS:localhost'], postgresOwner());
    others = await makeCertificates(['DNS:localhost']);
    const rules = join(dirname(certificates.ca), 'pg_hba.conf');
    writeFileSync(
      rules,
      `host all parley 127.0.0.1/32 trust
hostssl all secured localhost scram-sha-256
`,
    );
    const tls = { ssl: 'on', ssl_cert_file: certificates.cert, ssl_key_file: certificates.key };
    server = await startPostgres({ ...tls, hba_file: rules, password_encryption: 'scram-sha-256' });
    const url = await server.createDatabase();
    database = new URL(url).pathname.slice(1);
    admin = new pg.Client({ connectionString: url });
    await admin.connect();
    await admin.query(`CREATE ROLE secured LOGIN PASSWORD '${SECRET}'`);
    await admin.query(`ALTER DATABASE ${database} OWNER TO secured`);
  });
  afterAll(async () => {
    await admin.end();
    await server.dispose();
    await certificates.dispose();
    await others.dispose();
  });

  const urlOf = ({
    password = SECRET,
    host = 'localhost',
    query = `sslmode=verify-full&sslrootcert=${certificates.ca}`,
  }): string =>
    `postgres://secured${password === '' ? '' : `:${encodeURIComponent(password)}`}@${host}:${server.port}/${database}?${query}`;
  const refusal = async (url: string): Promise<string> => {
    const store = await openPostgresStore({ url }).catch((error: Error) => error);
    if (!(store instanceof Error)) await store.close();
    return store instanceof Error ? store.message : 'it was opened';
  };

  it('[RD10] the store works over TLS with a checked certificate and a scram password', async () => {
    const store = await openPostgresStore({ url: urlOf({}) });
    await store.putUser(profile('ada'), Date.now());
    expect(await store.users(['ada'])).toEqual([profile('ada')]);
    const { rows } = await admin.query(
      "SELECT DISTINCT ssl FROM pg_stat_ssl JOIN pg_stat_activity USING (pid) WHERE usename = 'secured'",
    );
    expect(rows).toEqual([{ ssl: true }]);
    const { rows: kept } = await admin.query("SELECT left(rolpassword, 13) AS kind FROM pg_authid WHERE rolname = 'secured'");
    expect(kept).toEqual([{ kind: 'SCRAM-SHA-256' }]);
    await store.close();
  });

  it('[RD10] a certificate that nobody known signed, or for another name, and no TLS, end the start', async () => {
    expect(await refusal(urlOf({ query: 'sslmode=verify-full' }))).toMatch(/certificate.*sslrootcert in DATABASE_URL/);
    expect(await refusal(urlOf({ query: `sslmode=verify-full&sslrootcert=${others.ca}` }))).toMatch(
      /sslrootcert in DATABASE_URL/,
    );
    expect(await refusal(urlOf({ query: 'sslmode=verify-full&sslrootcert=/no/such.pem' }))).toMatch(
      /DATABASE_URL.*\/no\/such\.pem/,
    );
    expect(await refusal(urlOf({ host: '127.0.0.1', query: 'sslmode=disable' }))).toMatch(/user in DATABASE_URL/);
  });

  it('[RD11] a wrong or missing password ends the start, by the name of the setting and without a secret', async () => {
    for (const [password, reason] of [
      [WRONG, /refuses the user or the password in DATABASE_URL/],
      ['', /asks for a password, and DATABASE_URL has none/],
    ] as const) {
      const told = await refusal(urlOf({ password }));
      expect(told).toMatch(reason);
      expect(told).not.toContain(WRONG);
    }
    const env = {
      PATH: process.env.PATH ?? '',
      DATABASE_URL: urlOf({ password: WRONG }),
      REDIS_URL: 'redis://127.0.0.1:1',
      PARLEY_JWT_SECRET: 'x'.repeat(32),
      PARLEY_HOST_API_KEY: 'y'.repeat(24),
      PARLEY_SEAL_KEYS: JSON.stringify([`${'A'.repeat(43)}=`]),
      PARLEY_CLUSTER_SECRET: 'z'.repeat(32),
    };
    const file = join(dirname(certificates.ca), 'store.ndjson');
    for (const args of [['serve'], ['migrate'], ['export', '--to', file]]) {
      const parley = promisify(execFile)(process.execPath, ['--disable-warning=ExperimentalWarning', MAIN, ...args], { env });
      const { code, stderr, stdout } = await parley.catch((error) => error);
      expect([args, code]).toEqual([args, 2]);
      expect(stderr).toContain('PostgreSQL refuses the user or the password in DATABASE_URL');
      // Neither the secret nor a stack.
      expect(`${stdout}${stderr}`).not.toMatch(new RegExp(`${WRONG}|${encodeURIComponent(WRONG)}|at file:`));
    }
  });

  it('[RD11] a password that was changed under a store that runs makes it unavailable, is told, and is waited for', async () => {
    const logged: string[] = [];
    const log = createLog({ level: 'trace', pretty: false }, undefined, { write: (line) => void logged.push(line) });
    const store = await openPostgresStore({ url: urlOf({}), log, connectTimeoutMs: 1_000 });
    await admin.query(`ALTER ROLE secured PASSWORD '${WRONG}'`);
    await admin.query("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = 'secured'");
    await until('the reason', async () => {
      await store.users(['ada']).catch(() => {});
      return logged.some((line) => line.includes('refuses the user or the password in DATABASE_URL'));
    });
    await expect(store.users(['ada'])).rejects.toMatchObject({ code: 'unavailable' });
    expect(store.ready()).toBe(false);
    await admin.query(`ALTER ROLE secured PASSWORD '${SECRET}'`);
    await until('the store', () => store.ready());
    await store.users(['ada']);
    expect(logged.join('')).not.toMatch(new RegExp(`${WRONG}|${SECRET}`));
    await store.close();
  });
});
