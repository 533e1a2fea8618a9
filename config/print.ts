/** The effective settings with their documentation, for `parley config`; secrets hidden. */
import { settings, valueAt } from './load.ts';
import type { Config } from './schema.ts';

const show = (value: unknown, secret: boolean): string => {
  if (value === undefined) return '(not set)';
  if (secret) return Array.isArray(value) && value.length === 0 ? '[]' : '(set, hidden)';
  return typeof value === 'string' ? value : JSON.stringify(value);
};

export const printConfig = (config: Config): string =>
  settings()
    .map(({ key, env, doc, secret }) => `${key} = ${show(valueAt(config, key), secret)}\n    ${env}: ${doc}\n`)
    .join('');
