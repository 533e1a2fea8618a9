// What the checks of deploy/ know of Parley's settings: they are read from the schema that the server itself reads.
import { settings } from '../../config/load.ts';

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
  const inner = (schema) => (schema.def?.innerType ? inner(schema.def.innerType) : schema);
  const { type } = inner(setting.schema).def;
  const typed =
    type === 'number' || type === 'int' ? Number(words) : type === 'boolean' ? { true: true, false: false }[words] : words;
  return setting.schema.safeParse(typed).success ? undefined : `${name} cannot be ${JSON.stringify(words)}`;
}

/** The port the server listens on when nobody says otherwise. */
export const DEFAULT_PORT = SETTINGS.get('PARLEY_PORT').schema.parse(undefined);
