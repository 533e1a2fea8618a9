/**
 * Loads the configuration: defaults, then an optional JSON file, then the environment. Either a whole valid
 * configuration comes out, or a ConfigError that lists every bad key at once.
 */
import { readFileSync } from 'node:fs';
import { z } from 'zod';
import { Config } from './schema.ts';

export interface Setting {
  /** Where it is in the tree: `http.port`. */
  readonly key: string;
  readonly env: string;
  readonly doc: string;
  readonly secret: boolean;
  readonly schema: z.ZodType;
}

export class ConfigError extends Error {
  override readonly name = 'ConfigError';
  readonly problems: readonly string[];

  constructor(problems: readonly string[]) {
    super(
      `The configuration has ${problems.length === 1 ? 'a problem' : `${problems.length} problems`}:\n${problems.map((line) => `  ${line}`).join('\n')}`,
    );
    this.problems = problems;
  }
}

const unwrap = (schema: z.ZodType): z.ZodType => {
  const inner = (schema as { def?: { innerType?: z.ZodType } }).def?.innerType;
  return inner === undefined ? schema : unwrap(inner);
};

/** Every leaf of the tree, in its order. */
export const settings = (schema: z.ZodType = Config, path: readonly string[] = []): Setting[] => {
  const meta = schema.meta() as { env?: string; description?: string; secret?: boolean } | undefined;
  if (meta?.env !== undefined) {
    return [{ key: path.join('.'), env: meta.env, doc: meta.description ?? '', secret: meta.secret ?? false, schema }];
  }
  const object = unwrap(schema);
  if (!(object instanceof z.ZodObject)) return [];
  return Object.entries(object.shape).flatMap(([key, value]) => settings(value as z.ZodType, [...path, key]));
};

/** An environment variable's text as the setting's type; text that does not parse is left for the schema to refuse. */
export const fromText = (text: string, schema: z.ZodType): unknown => {
  const type = unwrap(schema);
  if (type instanceof z.ZodBoolean) return { true: true, '1': true, false: false, '0': false }[text.toLowerCase()] ?? text;
  if (type instanceof z.ZodNumber) return text.trim() === '' ? text : Number(text);
  if (!(type instanceof z.ZodArray || type instanceof z.ZodObject)) return text;
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
};

const readFile = (path: string): Record<string, unknown> => {
  let value: unknown;
  try {
    value = JSON.parse(readFileSync(path, 'utf8'));
  } catch (error) {
    throw new ConfigError([`PARLEY_CONFIG: ${path} cannot be read as JSON: ${(error as Error).message}`]);
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    throw new ConfigError([`PARLEY_CONFIG: ${path} must hold a JSON object`]);
  return value as Record<string, unknown>;
};

const place = (tree: Record<string, unknown>, key: string, value: unknown): void => {
  const parts = key.split('.');
  const leaf = parts.pop() as string;
  let branch = tree;
  for (const part of parts) {
    const next = branch[part];
    if (typeof next !== 'object' || next === null) branch[part] = {};
    branch = branch[part] as Record<string, unknown>;
  }
  branch[leaf] = value;
};

/** The value at a key such as `http.port`. */
export const valueAt = (tree: unknown, key: string): unknown =>
  key.split('.').reduce<unknown>((branch, part) => (branch as Record<string, unknown> | undefined)?.[part], tree);

/**
 * The configuration in force. `overrides` are keys set on the command line (`{ 'http.port': 0 }`) and win over all.
 * Throws a ConfigError. With `secrets: 'optional'` a configuration without them passes: enough to print it.
 */
export const loadConfig = (
  env: Readonly<Record<string, string | undefined>>,
  overrides: Readonly<Record<string, unknown>> = {},
  { secrets }: { secrets: 'required' | 'optional' } = { secrets: 'required' },
): Config => {
  const file = env.PARLEY_CONFIG;
  const tree = file === undefined || file === '' ? {} : readFile(file);
  const all = settings();
  for (const { key, env: name, schema } of all) {
    const text = env[name];
    if (text !== undefined && text !== '') place(tree, key, fromText(text, schema));
  }
  for (const [key, value] of Object.entries(overrides)) place(tree, key, value);
  const parsed = Config.safeParse(tree);
  const problems = parsed.success
    ? secrets === 'required'
      ? missing(parsed.data)
      : []
    : parsed.error.issues.flatMap((issue) => describeIssue(issue, all));
  if (!parsed.success || problems.length > 0) throw new ConfigError(problems);
  return parsed.data;
};

const EVERY_INTERFACE = ['0.0.0.0', '::'];

/** What a start must have besides valid values. Demo mode makes its own secrets of identity, and a media node alone knows none. */
const missing = (config: Config): string[] => {
  const problem = (key: string, env: string, why: string): string => `${key} (${env}): must be set${why}`;
  const problems: string[] = [];
  const identifies = !config.demo && config.roles !== 'media';
  if (identifies && config.auth.jwtSecret === undefined && config.auth.jwksUrl === undefined)
    problems.push(problem('auth.jwtSecret', 'PARLEY_JWT_SECRET', ', or auth.jwksUrl (PARLEY_JWKS_URL), or start with --demo'));
  if (identifies && config.auth.hostApiKey === undefined)
    problems.push(problem('auth.hostApiKey', 'PARLEY_HOST_API_KEY', ', or start with --demo'));
  if (identifies && config.safety.sealKeys.length === 0)
    problems.push(
      problem('safety.sealKeys', 'PARLEY_SEAL_KEYS', ' to ["…"] with 32 random bytes in base64, or start with --demo'),
    );
  if (config.roles !== 'both' && config.redis.url === undefined)
    problems.push(problem('redis.url', 'REDIS_URL', ` when a process has the role ${config.roles} alone`));
  if (config.cluster.gateways > 1 && config.roles !== 'media') {
    if (config.redis.url === undefined) problems.push(problem('redis.url', 'REDIS_URL', ' when there are several gateways'));
    if (config.redis.url === undefined && config.store.databaseUrl === undefined)
      problems.push(problem('store.databaseUrl', 'DATABASE_URL', ' when there are several gateways'));
    if (config.demo) problems.push('cluster.gateways (PARLEY_GATEWAYS): must be 1 in demo mode');
  }
  if (config.redis.url !== undefined && config.cluster.secret === undefined)
    problems.push(problem('cluster.secret', 'PARLEY_CLUSTER_SECRET', ' when there is a Redis, to the same value on every node'));
  if (config.redis.url !== undefined && config.store.databaseUrl === undefined && config.roles !== 'media')
    problems.push(problem('store.databaseUrl', 'DATABASE_URL', ' when there is a Redis: several gateways need one store'));
  const { url: redisUrl, caFile } = config.redis;
  if (caFile !== undefined && redisUrl?.startsWith('rediss') !== true)
    problems.push('redis.caFile (PARLEY_REDIS_CA_FILE): is for a REDIS_URL with TLS, which begins with rediss');
  const { controlHost, controlUrl } = config.media;
  const isReachedByOthers = config.redis.url !== undefined && config.roles !== 'gateway';
  if (isReachedByOthers && controlUrl === undefined && EVERY_INTERFACE.includes(controlHost))
    problems.push(problem('media.controlUrl', 'PARLEY_MEDIA_CONTROL_URL', ' when the control host is every interface'));
  return problems;
};

const describeIssue = (issue: z.core.$ZodIssue, all: readonly Setting[]): string[] => {
  const path = issue.path.join('.');
  if (issue.code === 'unrecognized_keys')
    return issue.keys.map((key) => `${path === '' ? key : `${path}.${key}`}: there is no such setting`);
  const setting = all.find(({ key }) => path === key || path.startsWith(`${key}.`));
  return [`${path}${setting === undefined ? '' : ` (${setting.env})`}: ${issue.message}`];
};
