/** A TURN server of the test's own: coturn on a free port, with credentials by shared secret. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { freePort } from '../server-process.ts';
import { answers, startEngine } from './engine.ts';

export interface TurnServer {
  readonly port: number;
  readonly secret: string;
  dispose(): Promise<void>;
}

export const startCoturn = async (): Promise<TurnServer> => {
  const port = await freePort();
  const secret = 'the-secret-of-the-tests';
  const folder = await mkdtemp(join(tmpdir(), 'parley-coturn-'));
  const engine = await startEngine(
    'turnserver',
    [
      '-n',
      ...['--listening-ip', '127.0.0.1', '--relay-ip', '127.0.0.1', '--listening-port', String(port)],
      ...['--use-auth-secret', '--static-auth-secret', secret, '--realm', 'parley.test'],
      ...['--allow-loopback-peers', '--cli-password', secret, '--no-cli', '--no-tls', '--no-dtls', '--log-file', 'stdout'],
      ...['--pidfile', join(folder, 'pid'), '--userdb', join(folder, 'users'), '--min-port', '50000', '--max-port', '50999'],
    ],
    { isReady: () => answers(port), cwd: folder },
  );
  return {
    port,
    secret,
    async dispose() {
      await engine.stop();
      await rm(folder, { recursive: true, force: true });
    },
  };
};
