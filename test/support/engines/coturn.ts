/** A TURN server of the test's own: coturn on a free port, with credentials by shared secret. */
import { execFile } from 'node:child_process';
import { createHash, X509Certificate } from 'node:crypto';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { Namespace } from '../namespaces.ts';
import { freePort } from '../server-process.ts';
import { answers, startEngine } from './engine.ts';

const run = promisify(execFile);

export interface TurnServer {
  readonly port: number;
  readonly secret: string;
  dispose(): Promise<void>;
}

/** One that speaks TLS besides. */
export interface TlsTurnServer extends TurnServer {
  readonly tlsPort: number;
  /** The hash of its certificate's key, by which a browser is told to trust it. */
  readonly keyHash: string;
}

const SECRET = 'the-secret-of-the-tests';

const start = async (
  folder: string,
  options: { address: string; port: number; more: readonly string[]; namespace?: Namespace | undefined },
): Promise<TurnServer> => {
  const { address, port, more, namespace } = options;
  const [command, ...args] = [
    ...(namespace?.within ?? []),
    ...['turnserver', '-n', '--log-file', 'stdout', '--pidfile', join(folder, 'pid'), '--userdb', join(folder, 'users')],
    ...['--listening-ip', address, '--relay-ip', address, '--listening-port', String(port)],
    ...['--use-auth-secret', '--static-auth-secret', SECRET, '--realm', 'parley.test', '--cli-password', SECRET, '--no-cli'],
    ...['--min-port', '50000', '--max-port', '50999', '--no-dtls', ...more],
  ] as const;
  const isReady = () => namespace?.answers(address, port) ?? answers(port);
  const engine = await startEngine(command, args, { isReady, cwd: folder });
  return {
    port,
    secret: SECRET,
    async dispose() {
      await engine.stop();
      await rm(folder, { recursive: true, force: true });
    },
  };
};

const newFolder = (): Promise<string> => mkdtemp(join(tmpdir(), 'parley-coturn-'));

export const startCoturn = async (): Promise<TurnServer> =>
  start(await newFolder(), { address: '127.0.0.1', port: await freePort(), more: ['--allow-loopback-peers', '--no-tls'] });

/** In a network namespace, with a certificate for its address that nobody signed. */
export const startTlsCoturn = async (namespace: Namespace): Promise<TlsTurnServer> => {
  const { address } = namespace;
  const folder = await newFolder();
  const [cert, key] = [join(folder, 'cert.pem'), join(folder, 'key.pem')];
  const subject = ['-subj', '/CN=turn.parley.test', '-addext', `subjectAltName=IP:${address}`];
  const keyKind = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes'];
  await run('openssl', ['req', '-x509', ...keyKind, '-days', '30', ...subject, '-keyout', key, '-out', cert]);
  const { publicKey } = new X509Certificate(await readFile(cert));
  const keyHash = createHash('sha256')
    .update(publicKey.export({ type: 'spki', format: 'der' }))
    .digest('base64');
  const [port, tlsPort] = [await freePort(), await freePort()];
  const more = ['--tls-listening-port', String(tlsPort), '--cert', cert, '--pkey', key];
  return { ...(await start(folder, { address, port, more, namespace })), tlsPort, keyHash };
};
