/** The program: the one place that reads the environment, handles signals or exits. */
import { parseArgs } from 'node:util';
import { type Config, ConfigError, loadConfig, printConfig } from '../config/index.ts';
import { describeProtocol } from '../protocol/describe.ts';
import { UserId } from '../protocol/index.ts';
import { demoAuthConfig } from './demo/secrets.ts';
import { askHealth } from './health.ts';
import { mintToken } from './identity/tokens.ts';
import { createLog } from './log.ts';

const USAGE = `Parley: messaging and interviews for marketplaces.

  parley [serve] [--demo] [--port N]   runs the server
  parley config                        prints the settings in force, with their documentation
  parley token --user ID [--ttl SECONDS]
                                       prints a development token for a user
  parley health [--ready]              asks the server on this host whether it lives, or whether it takes traffic: ends
                                       with 0 when it does, and says what is missing with 1 when not
  parley protocol                      prints the wire protocol as a page

Settings come from the environment (parley config names each) and from the JSON file that PARLEY_CONFIG names.
`;

const { positionals, values } = parseArgs({
  allowPositionals: true,
  options: {
    demo: { type: 'boolean' },
    port: { type: 'string' },
    user: { type: 'string' },
    ttl: { type: 'string', default: '3600' },
    ready: { type: 'boolean', default: false },
    help: { type: 'boolean', short: 'h' },
  },
});

const overrides = (): Record<string, unknown> => ({
  ...(values.demo === undefined ? {} : { demo: values.demo }),
  ...(values.port === undefined ? {} : { 'http.port': Number(values.port) }),
});

const serve = async (config: Config): Promise<void> => {
  // Loaded here, because the other commands need neither sockets nor media, and a probe runs every few seconds.
  const { createGateway } = await import('./gateway.ts');
  const log = createLog(config.log);
  const gateway = await createGateway({
    config,
    log,
    onFatal: (error) => {
      log.fatal({ err: error }, 'the process cannot go on');
      process.exit(1);
    },
  });
  const { port } = await gateway.listen();
  log.info({ host: config.http.host, port, demo: config.demo }, 'listening');
  if (config.demo) process.stdout.write(demoGreeting(port));

  const stop = (signal: NodeJS.Signals): void => {
    log.info({ signal }, 'draining');
    setTimeout(() => process.exit(1), config.cluster.drainMs).unref();
    gateway.close().then(
      () => process.exit(0),
      (error: unknown) => {
        log.error({ err: error }, 'could not shut down cleanly');
        process.exit(1);
      },
    );
  };
  process.once('SIGTERM', stop);
  process.once('SIGINT', stop);
};

const demoGreeting = (port: number): string => `
  Parley runs. Open two browser windows and sign in as two people:

    http://localhost:${port}/?as=dana     Dana, who hires: open a proposal and press "Send message"
    http://localhost:${port}/?as=tomas    Tomás, who sent her one

  Then press the camera in the thread for a video interview. Ctrl-C stops the server; what was said stays.

`;

const printToken = (config: Config): void => {
  const userId = UserId.safeParse(values.user);
  const ttlSeconds = Number(values.ttl);
  if (!userId.success) throw new UsageError('parley token needs --user ID, an id of the host platform.');
  if (!Number.isInteger(ttlSeconds) || ttlSeconds < 1) throw new UsageError('--ttl is a whole number of seconds.');
  const { jwtSecret, issuer, audience } = demoAuthConfig(config);
  process.stdout.write(`${mintToken(jwtSecret, userId.data, { ttlSeconds, issuer, audience })}\n`);
};

const printHealth = async (config: Config): Promise<void> => {
  const { ok, answer } = await askHealth(config.http, values.ready ? '/readyz' : '/healthz');
  process.stdout.write(`${answer}\n`);
  if (!ok) process.exit(1);
};

class UsageError extends Error {}

const run = async (command: string): Promise<void> => {
  switch (command) {
    case 'serve':
      return serve(loadConfig(process.env, overrides()));
    case 'config':
      process.stdout.write(printConfig(loadConfig(process.env, overrides(), { secrets: 'optional' })));
      return;
    case 'token':
      // The demo's secret serves when none is configured.
      return printToken(loadConfig(process.env, { demo: true }));
    case 'health':
      return printHealth(loadConfig(process.env, overrides(), { secrets: 'optional' }));
    case 'protocol':
      process.stdout.write(describeProtocol());
      return;
    case 'help':
      process.stdout.write(USAGE);
      return;
    default:
      throw new UsageError(`There is no command ${command}.\n\n${USAGE}`);
  }
};

run(values.help === true ? 'help' : (positionals[0] ?? 'serve')).catch((error: unknown) => {
  const expected = error instanceof ConfigError || error instanceof UsageError;
  process.stderr.write(
    `${expected || !(error instanceof Error) ? String((error as Error).message ?? error) : (error.stack ?? error.message)}\n`,
  );
  process.exit(expected ? 2 : 1);
});
