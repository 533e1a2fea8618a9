/** Demo mode's own secrets: made once, kept in the data folder, so that `parley token` and a restarted server agree. */
import { randomBytes } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Config } from '../../config/index.ts';

interface Secrets {
  readonly jwtSecret: string;
  readonly hostApiKey: string;
  /** 32 bytes in base64. */
  readonly sealKey: string;
}

const secret = (): string => randomBytes(32).toString('base64url');

/** A folder of an earlier release has fewer. */
const isWhole = (secrets: Partial<Secrets>): secrets is Secrets => secrets.sealKey !== undefined;

const demoSecrets = (dataDir: string): Secrets => {
  const path = join(dataDir, 'demo-secrets.json');
  const found = existsSync(path) ? (JSON.parse(readFileSync(path, 'utf8')) as Partial<Secrets>) : {};
  if (isWhole(found)) return found;
  const made: Secrets = { jwtSecret: secret(), hostApiKey: secret(), sealKey: randomBytes(32).toString('base64'), ...found };
  mkdirSync(dataDir, { recursive: true });
  writeFileSync(path, JSON.stringify(made, null, 2), { mode: 0o600 });
  return made;
};

export type AuthConfig = Config['auth'] & Pick<Secrets, 'hostApiKey'>;

/** The keys that masked originals are sealed with: those configured, or in demo mode the demo's. */
export const sealKeys = ({ demo, safety, store }: Config): [string, ...string[]] => {
  const [first, ...others] = safety.sealKeys;
  if (first !== undefined) return [first, ...others];
  if (!demo) throw new Error('A seal key is missing outside demo mode; the configuration should have refused this.');
  return [demoSecrets(store.dataDir).sealKey];
};

/** The auth settings with the secrets that are used: those configured, or in demo mode the demo's. */
export const authConfig = (config: Config): AuthConfig => {
  if (config.demo) return demoAuthConfig(config);
  const { hostApiKey } = config.auth;
  if (hostApiKey === undefined)
    throw new Error('A secret is missing outside demo mode; the configuration should have refused this.');
  return { ...config.auth, hostApiKey };
};

/** In demo mode there is always a secret to mint tokens with. */
export const demoAuthConfig = ({ auth, store }: Config): Config['auth'] & Omit<Secrets, 'sealKey'> => {
  const { jwtSecret, hostApiKey } = auth;
  if (jwtSecret !== undefined && hostApiKey !== undefined) return { ...auth, jwtSecret, hostApiKey };
  const made = demoSecrets(store.dataDir);
  return { ...auth, jwtSecret: jwtSecret ?? made.jwtSecret, hostApiKey: hostApiKey ?? made.hostApiKey };
};
