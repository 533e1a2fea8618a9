import { existsSync, globSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { runBuildStage } from '../support/dockerfile.ts';
import { API_KEY, JWT_SECRET } from '../support/gateway.ts';
import { RawSocket } from '../support/raw-socket.ts';
import { startServer } from '../support/server-process.ts';
import { folderWith, ROOT, ran } from './setup.ts';

/** Every file with its size and when it was written: what differs afterwards was written to. */
const listOf = (folder: string): string[] =>
  globSync('**', { cwd: folder }).map((name) => {
    const { size, mtimeMs } = statSync(join(folder, name));
    return `${name} ${size} ${mtimeMs}`;
  });

// The set-up of a second copy, at worst a build of the worker, comes before it.
test('[RUN11] the production tree (npm ci --omit=dev, built web) serves without development packages', {
  timeout: 900_000,
}, async () => {
  const tree = join(folderWith(), 'parley');
  runBuildStage(ROOT, folderWith(), tree);

  const { devDependencies } = JSON.parse(readFileSync(join(tree, 'package.json'), 'utf8')) as {
    devDependencies: Record<string, string>;
  };
  expect(Object.keys(devDependencies).filter((name) => existsSync(join(tree, 'node_modules', name)))).toEqual([]);
  expect(globSync('{protocol,config,src,signaling,media}/**/*.test.ts', { cwd: tree })).toEqual([]);

  const program = join(tree, 'bin', 'parley');
  const before = listOf(tree);
  // The worker is the tree's own, and so are the pages.
  const server = await startServer(
    { MEDIASOUP_WORKER_BIN: '', PARLEY_HOST: '0.0.0.0', PARLEY_LOG_PRETTY: 'true' },
    ['serve'],
    [program],
  );
  try {
    const origin = `http://127.0.0.1:${server.port}`;
    expect(await (await fetch(origin)).text()).toMatch(/<script type="module"[^>]* src="\/assets\//);
    const env = { ...process.env, PARLEY_PORT: String(server.port), PARLEY_HOST: '0.0.0.0' };
    expect(ran(program, ['health', '--ready'], { env })).toEqual({ code: 0, output: '{"status":"ready"}\n' });

    const put = await fetch(`${origin}/v1/users/u-1`, {
      method: 'PUT',
      headers: { authorization: `Bearer ${API_KEY}` },
      body: JSON.stringify({ displayName: 'Ines Duarte' }),
    });
    expect(put.status).toBeLessThan(300);
    const token = ran(program, ['token', '--user', 'u-1'], { env: { ...env, PARLEY_JWT_SECRET: JWT_SECRET } });
    const socket = await RawSocket.connect(server.socketUrl);
    expect((await socket.request('session.open', { protocol: 1, token: token.output.trim() })).user.displayName).toBe(
      'Ines Duarte',
    );
    socket.terminate();
    expect(await server.stop('SIGTERM')).toBe(0);
    expect(listOf(tree)).toEqual(before);
  } finally {
    await server.dispose();
  }
});
