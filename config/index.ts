/** Configuration: one schema for every setting, its documentation and its loader. */
export { ConfigError, loadConfig } from './load.ts';
export { printConfig } from './print.ts';
export { type Config, WEBHOOK_TYPES } from './schema.ts';
