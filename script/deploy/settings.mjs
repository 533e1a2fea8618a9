// What the checks of deploy/ know of Parley's settings: they are read from the schema that the server itself reads.
import { ConfigError, fromText, loadConfig, settings } from '../../config/load.ts';

const SETTINGS = new Map(settings().map((setting) => [setting.env, setting]));

/** Names that Parley reads besides the settings of the schema, or that the base image knows. */
const OTHERS = new Set(['PARLEY_CONFIG', 'NODE_ENV', 'NODE_OPTIONS', 'PATH']);

/** A value that is filled in elsewhere: nothing, a reference, or an empty list. */
const isLeftOpen = (value) => ['', '[]'].includes(value) || /^\$\{[^}]*\}$/.test(value);

/** What is wrong with a container of ours that gets this variable; a value that is not known yet is undefined. */
export function settingProblem(name, value) {
  const setting = SETTINGS.get(name);
  if (setting === undefined) return OTHERS.has(name) ? undefined : `${name} is no setting of Parley`;
  if (value === undefined || value === null) return undefined;
  const words = String(value);
  if (setting.secret && !/\$\{/.test(words) && !isLeftOpen(words)) return `${name} is a secret, and its value is in the file`;
  if (/\$\{/.test(words) || words === '' || setting.secret) return undefined;
  return setting.schema.safeParse(fromText(words, setting.schema)).success
    ? undefined
    : `${name} cannot be ${JSON.stringify(words)}`;
}

/** Why a node would not start with these variables; what is filled in elsewhere counts as given. */
export function startProblems(environment) {
  const given = ([name, value]) => [
    name,
    String(value).replaceAll(/\$\{[^}]*\}/g, (what) => (what.includes('SEAL_KEY') ? `${'x'.repeat(43)}=` : 'x'.repeat(32))),
  ];
  try {
    loadConfig(Object.fromEntries(Object.entries(environment).map(given)));
    return [];
  } catch (error) {
    if (error instanceof ConfigError) return error.problems;
    throw error;
  }
}

/** The number that is in force when a container gets this value, or none. */
const numberOf = (name, value) => (value === undefined ? SETTINGS.get(name).schema.parse(undefined) : Number(value));

/** The port the server listens on. */
export const portOf = ({ PARLEY_PORT }) => numberOf('PARLEY_PORT', PARLEY_PORT);

/** How long a node may take to end after SIGTERM: a media node waits for its calls first. */
export function drainSeconds({ PARLEY_ROLES, PARLEY_DRAIN_MS, PARLEY_MEDIA_DRAIN_MS }) {
  const waiting = PARLEY_ROLES === 'media' ? numberOf('PARLEY_MEDIA_DRAIN_MS', PARLEY_MEDIA_DRAIN_MS) : 0;
  return (waiting + numberOf('PARLEY_DRAIN_MS', PARLEY_DRAIN_MS)) / 1_000;
}

/** What is given to a media node for nothing: who gets in there must not be able to speak for your site, or read its messages. */
const NOT_FOR_MEDIA = ['PARLEY_JWT_SECRET', 'PARLEY_HOST_API_KEY', 'PARLEY_SEAL_KEYS', 'PARLEY_TURN_SECRET', 'DATABASE_URL'];

/** Problems of a media node's variables; `environment` has undefined where a value is found out later. */
export function* mediaProblems(environment) {
  for (const name of NOT_FOR_MEDIA) if (name in environment) yield `gets ${name}, which a media node does not need`;
  for (const name of [
    'REDIS_URL',
    'PARLEY_CLUSTER_SECRET',
    'PARLEY_NODE_ID',
    'PARLEY_MEDIA_CONTROL_HOST',
    'PARLEY_MEDIA_CONTROL_PORT',
  ])
    if (!(name in environment)) yield `needs ${name}`;
  const { PARLEY_MEDIA_CONTROL_HOST: host, PARLEY_MEDIA_CONTROL_PORT: port } = environment;
  if (host === '0.0.0.0' && !('PARLEY_MEDIA_CONTROL_URL' in environment))
    yield 'does not say where gateways reach it: PARLEY_MEDIA_CONTROL_URL';
  const url = environment.PARLEY_MEDIA_CONTROL_URL;
  if (url !== undefined && new URL(url).port !== String(port)) yield `its PARLEY_MEDIA_CONTROL_URL is not on its port, ${port}`;
}
