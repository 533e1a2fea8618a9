/** What the settings say of Redis, read once at a start. */
import { readFileSync } from 'node:fs';
import { ConfigError } from '../../config/index.ts';
import { parseRedisUrl, type RedisTarget } from './url.ts';

export interface RedisSettings {
  readonly target: RedisTarget;
  /** Certificates of the authorities whose signature is trusted, instead of the system's. */
  readonly ca: string | undefined;
}

const orRefuse = <Value>(setting: string, read: () => Value): Value => {
  try {
    return read();
  } catch (error) {
    throw new ConfigError([`${setting}: ${(error as Error).message}`]);
  }
};

/** Throws a ConfigError that names the setting, and has no password in it. */
export const readSettings = (url: string, caFile: string | undefined): RedisSettings => ({
  target: orRefuse('redis.url (REDIS_URL)', () => parseRedisUrl(url)),
  ca: caFile === undefined ? undefined : orRefuse('redis.caFile (PARLEY_REDIS_CA_FILE)', () => readFileSync(caFile, 'utf8')),
});
