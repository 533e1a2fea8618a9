/** The program: the one place that reads the environment, handles signals or exits. */
import { fork } from 'node:child_process';
import { parseArgs } from 'node:util';
import { type Config, ConfigError, loadConfig, printConfig } from '../config/index.ts';
import { describeProtocol } from '../protocol/describe.ts';
import { UserId } from '../protocol/index.ts';
import { createRedisMediaNodes } from '../signaling/redis-media-nodes.ts';
import { systemClock } from './clock.ts';
import { demoAuthConfig } from './demo/secrets.ts';
import { askHealth } from './health.ts';
import { mintToken } from './identity/tokens.ts';
import { createLog } from './log.ts';
import { openRedis } from './redis/redis.ts';
import { whenReady } from './redis/when-ready.ts';
import { exportCommand, importCommand, migrateCommand } from './store/transfer/commands.ts';
import { TransferError } from './store/transfer/format.ts';
import { createSupervisor } from './supervisor.ts';

const USAGE = `Parley: messaging and interviews for marketplaces.

  parley [serve] [--demo] [--port N] [--page URL]
                                       runs the server; --page says where its pages are when another program serves them
  parley config                        prints the settings in force, with their documentation
  parley token --user ID [--ttl SECONDS] [--moderator]
                                       prints a development token for a user, or for a moderator
  parley health [--ready]              asks the server on this host whether it lives, or whether it takes traffic: ends
                                       with 0 when it does, and says what is missing with 1 when not
  parley drain --node ID [--cancel]    asks a media node to take no new rooms, or calls that off
  parley protocol                      prints the wire protocol as a page
  parley guard evaluate FILE.jsonl [--json] [--misses]
                                       measures the guard on labelled messages, and shows those that it gets wrong
  parley audit verify [--from N] [--expect HASH]
                                       walks the chain of the audit log and names the first link that does not hold; HASH was
                                       the head once, and must be in the log still
  parley migrate                       brings the store to this release
  parley export --to FILE              writes the store into a file; a server on SQLite must be stopped
  parley import --from FILE [--keep-epoch]
                                       fills an empty store from a file; with --keep-epoch clients go on where they
                                       were, which is right when the old store took no writes after the export

Settings come from the environment (parley config names each) and from the JSON file that PARLEY_CONFIG names.
`;

const { positionals, values } = parseArgs({
  allowPositionals: true,
  options: {
    demo: { type: 'boolean' },
    port: { type: 'string' },
    page: { type: 'string' },
    user: { type: 'string' },
    node: { type: 'string' },
    cancel: { type: 'boolean' },
    ttl: { type: 'string', default: '3600' },
    moderator: { type: 'boolean', default: false },
    ready: { type: 'boolean', default: false },
    to: { type: 'string' },
    from: { type: 'string' },
    'keep-epoch': { type: 'boolean', default: false },
    json: { type: 'boolean', default: false },
    misses: { type: 'boolean', default: false },
    expect: { type: 'string' },
    help: { type: 'boolean', short: 'h' },
  },
});

const overrides = (): Record<string, unknown> => ({
  ...(values.demo === undefined ? {} : { demo: values.demo }),
  ...(values.port === undefined ? {} : { 'http.port': Number(values.port) }),
});

/** Set by the supervisor for its processes: the name of this one. */
const SUPERVISED = 'PARLEY_SUPERVISED_NODE';

/** Several gateways and, when media is this host's too, one media process, on one port and under one supervisor. */
const supervise = async (config: Config): Promise<void> => {
  const { createApp, listen } = await import('./socket/app.ts');
  const log = createLog(config.log, 'supervisor');
  const { host, operationsPort } = config.http;
  // Its processes share the port with whoever listens on it, so it is seen here that nobody does.
  const reserved = await listen(createApp(), host, config.http.port);
  reserved.stop();
  const gateways = Array.from({ length: config.cluster.gateways }, (_, index) => `gateway-${index + 1}`);
  const names = config.roles === 'both' ? [...gateways, 'media'] : gateways;
  const perGateway = Math.max(1, Math.round(config.cluster.reconnectsPerSecond / gateways.length));
  const supervisor = createSupervisor({
    names,
    start: (name) =>
      fork(process.argv[1] as string, ['serve'], {
        // A Ctrl-C of the terminal is for the supervisor, which tells its processes.
        detached: true,
        env: {
          ...process.env,
          [SUPERVISED]: name,
          PARLEY_ROLES: name === 'media' ? 'media' : 'gateway',
          PARLEY_PORT: String(reserved.port),
          PARLEY_RECONNECTS_PER_SECOND: String(perGateway),
          ...(operationsPort === undefined ? {} : { PARLEY_OPERATIONS_PORT: String(operationsPort + names.indexOf(name)) }),
        },
      }),
    clock: systemClock,
    log,
    // A media process waits for its rooms first.
    stopWithinMs: (name) => (name === 'media' ? config.media.drainMs : 0) + config.cluster.drainMs + 2_000,
  });
  for (const signal of ['SIGTERM', 'SIGINT'] as const) process.on(signal, supervisor.stop);
  log.info({ host, port: reserved.port, processes: names }, 'supervising');
  process.exit(await supervisor.run());
};

/** A media node alone: ends when its rooms are empty or its time is over, and goes on when the drain is called off. */
const serveMedia = async (config: Config, node: string | undefined): Promise<void> => {
  const { createMediaServer } = await import('./media-server.ts');
  const log = createLog(config.log, node);
  const server = await createMediaServer({ config, log });
  await server.listen({ supervised: node !== undefined });
  let stopping = false;
  const close = async (): Promise<void> => {
    setTimeout(() => process.exit(1), config.cluster.drainMs).unref();
    await server.close();
    process.exit(0);
  };
  const end = async (signal: NodeJS.Signals): Promise<void> => {
    if (stopping) return;
    stopping = true;
    log.info({ signal }, 'draining');
    if (await server.drain()) return close();
    stopping = false;
  };
  const failed = (error: unknown): void => {
    log.error({ err: error }, 'could not shut down cleanly');
    process.exit(1);
  };
  for (const signal of ['SIGTERM', 'SIGINT'] as const) process.on(signal, () => void end(signal).catch(failed));
  // The next supervisor's media process needs the ports at once, so its rooms are not waited for.
  if (node !== undefined) {
    process.once('disconnect', () => {
      log.error('the supervisor is gone');
      close().catch(failed);
    });
  }
};

const drain = async (config: Config): Promise<void> => {
  const { url, ...shared } = config.redis;
  if (values.node === undefined || url === undefined) throw new UsageError('parley drain needs --node ID, and REDIS_URL.');
  const redis = openRedis({ url, ...shared, log: createLog({ ...config.log, level: 'error' }) });
  try {
    await whenReady(redis, 5_000);
    const nodes = createRedisMediaNodes({ redis, clock: systemClock, random: Math.random });
    const listed = (await nodes.list()).map(({ nodeId }) => nodeId);
    if (!listed.includes(values.node))
      throw new UsageError(`There is no media node ${values.node}; there are: ${listed.join(', ')}.`);
    await nodes.drain(values.node, values.cancel !== true);
  } finally {
    await redis.close();
  }
};

const serve = async (config: Config): Promise<void> => {
  const node = process.env[SUPERVISED];
  if (config.roles === 'media') return serveMedia(config, node);
  if (config.cluster.gateways > 1 && node === undefined) return supervise(config);
  // Loaded here, because the other commands need neither sockets nor media, and a probe runs every few seconds.
  const { createGateway } = await import('./gateway.ts');
  const log = createLog(config.log, node);
  const gateway = await createGateway({
    config,
    log,
    sharesPort: node !== undefined,
    onFatal: (error) => {
      log.fatal({ err: error }, 'the process cannot go on');
      process.exit(1);
    },
  });
  const { port } = await gateway.listen();
  log.info({ host: config.http.host, port, demo: config.demo }, 'listening');
  if (config.demo) process.stdout.write(demoGreeting(values.page ?? `http://localhost:${port}`));

  const stop = (why: string): void => {
    log.info({ why }, 'draining');
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
  // Nobody is left to start it again or to stop it.
  if (node !== undefined) process.once('disconnect', () => stop('the supervisor is gone'));
};

const demoGreeting = (page: string): string => `
  Parley runs. Open two browser windows and sign in as two people:

    ${new URL('/?as=dana', page)}     Dana, who hires
    ${new URL('/?as=tomas', page)}    Tomás, who sent her a proposal
    ${new URL('/?as=noor', page)}     Noor, who moderates

  As Dana: My jobs, then the explainer video, then the proposal of Tomás. Write to him there and press "Send message".
  Then press the camera; Tomás answers in his window, and both press "Join". Ctrl-C stops the server; what was said stays.

`;

const printToken = (config: Config): void => {
  const userId = UserId.safeParse(values.user);
  const ttlSeconds = Number(values.ttl);
  if (!userId.success) throw new UsageError('parley token needs --user ID, an id of the host platform.');
  if (!Number.isInteger(ttlSeconds) || ttlSeconds < 1) throw new UsageError('--ttl is a whole number of seconds.');
  const { jwtSecret, issuer, audience } = demoAuthConfig(config);
  const roles = values.moderator ? { roles: ['moderator'] as const } : {};
  process.stdout.write(`${mintToken(jwtSecret, userId.data, { ttlSeconds, issuer, audience, ...roles })}\n`);
};

const printHealth = async (config: Config): Promise<void> => {
  const { ok, answer } = await askHealth(config.http, values.ready ? '/readyz' : '/healthz');
  process.stdout.write(`${answer}\n`);
  if (!ok) process.exit(1);
};

const evaluateGuard = async (): Promise<void> => {
  const [, what, file] = positionals;
  if (what !== 'evaluate' || file === undefined) throw new UsageError('parley guard evaluate needs a FILE of labelled messages.');
  const { evaluateFile } = await import('./safety/evaluate.ts');
  print(await evaluateFile(file, { json: values.json, misses: values.misses }));
};

const verifyAuditLog = async (): Promise<void> => {
  if (positionals[1] !== 'verify') throw new UsageError('parley audit verify, with --from N and --expect HASH if you like.');
  const from = values.from === undefined ? undefined : Number(values.from);
  if (from !== undefined && (!Number.isInteger(from) || from < 1)) throw new UsageError('--from is the number of an entry.');
  const { verifyAudit } = await import('./store/audit-command.ts');
  const { ok, text } = await verifyAudit(storeConfig(), { from, expect: values.expect });
  print(text);
  if (!ok) process.exit(1);
};

class UsageError extends Error {}

const missing = (message: string): never => {
  throw new UsageError(message);
};

const storeConfig = (): Config => loadConfig(process.env, {}, { secrets: 'optional' });
const print = (line: string): void => void process.stdout.write(`${line}\n`);
const progress = (line: string): void => void process.stderr.write(`${line}\n`);

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
    case 'drain':
      return drain(loadConfig(process.env, overrides(), { secrets: 'optional' }));
    case 'protocol':
      process.stdout.write(describeProtocol());
      return;
    case 'migrate':
      return print(await migrateCommand(storeConfig()));
    case 'export':
      return print(await exportCommand(storeConfig(), values.to ?? missing('parley export needs --to FILE.'), progress));
    case 'import': {
      const from = values.from ?? missing('parley import needs --from FILE.');
      return print(await importCommand(storeConfig(), from, { keepEpoch: values['keep-epoch'], progress }));
    }
    case 'audit':
      return verifyAuditLog();
    case 'guard':
      return evaluateGuard();
    case 'help':
      process.stdout.write(USAGE);
      return;
    default:
      throw new UsageError(`There is no command ${command}.\n\n${USAGE}`);
  }
};

run(values.help === true ? 'help' : (positionals[0] ?? 'serve')).catch((error: unknown) => {
  const expected =
    error instanceof ConfigError ||
    error instanceof UsageError ||
    error instanceof TransferError ||
    (error instanceof Error && (error.name === 'EvaluationError' || error.name === 'AuditError'));
  process.stderr.write(
    `${expected || !(error instanceof Error) ? String((error as Error).message ?? error) : (error.stack ?? error.message)}\n`,
  );
  process.exit(expected ? 2 : 1);
});
