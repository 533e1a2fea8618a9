/** Demo mode's own secrets: made once, kept in the data folder, so that `parley token` and a restarted server agree. */
import { randomBytes } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Config } from '../../config/index.ts';

interface Secrets {
  readonly jwtSecret: string;
  readonly hostApiKey: string;
}

const secret = (): string => randomBytes(32).toString('base64url');

const demoSecrets = (dataDir: string): Secrets => {
  const path = join(dataDir, 'demo-secrets.json');
  if (existsSync(path)) return JSON.parse(readFileSync(path, 'utf8')) as Secrets;
  const made: Secrets = { jwtSecret: secret(), hostApiKey: secret() };
  mkdirSync(dataDir, { recursive: true });
  writeFileSync(path, JSON.stringify(made, null, 2), { mode: 0o600 });
  return made;
};

export type AuthConfig = Config['auth'] & Secrets;

/** The auth settings with both secrets: those configured, or in demo mode the demo's. */
export const authConfig = (config: Config): AuthConfig => {
  const { jwtSecret, hostApiKey } = config.auth;
  if (jwtSecret !== undefined && hostApiKey !== undefined) return { ...config.auth, jwtSecret, hostApiKey };
  if (!config.demo) throw new Error('Secrets are missing outside demo mode; the configuration should have refused this.');
  const made = demoSecrets(config.store.dataDir);
  return { ...config.auth, jwtSecret: jwtSecret ?? made.jwtSecret, hostApiKey: hostApiKey ?? made.hostApiKey };
};
