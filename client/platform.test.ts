import { readdir, readFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { runInNewContext } from 'node:vm';
import { describe, expect, test } from 'vitest';
import { startTestServer } from './test-server.ts';
import { until } from './test-support.ts';
import { createWorld } from './test-world.ts';
import type { Client } from './types.ts';
import { uuid } from './uuid.ts';

const here = import.meta.dirname;
const root = dirname(here);

/** Modules of ours that a module imports for their values, by path. */
const importsOf = async (path: string): Promise<string[]> => {
  const source = await readFile(path, 'utf8');
  const imports = [...source.matchAll(/^(?:import|export) (?!type\b)[^;]*? from '([^']+)'/gms)].map(([, name]) => name!);
  return imports.map((name) => (name.startsWith('.') ? join(dirname(path), name) : name));
};

const graphOf = async (entry: string): Promise<Set<string>> => {
  const seen = new Set<string>();
  const visit = async (path: string): Promise<void> => {
    if (seen.has(path)) return;
    seen.add(path);
    if (path.startsWith('/')) for (const imported of await importsOf(path)) await visit(imported);
  };
  await visit(entry);
  return seen;
};

describe('where it runs', () => {
  test('[CL35] messaging imports the protocol and zod and nothing else; WebRTC comes with interviews alone', async () => {
    const packages = (graph: Set<string>) => [...graph].filter((path) => !path.startsWith('/')).sort();
    const messaging = await graphOf(join(here, 'index.ts'));
    expect(packages(messaging)).toEqual(['zod']);
    expect(
      [...messaging].filter((path) => path.startsWith('/') && !path.startsWith(here) && !path.startsWith(join(root, 'protocol'))),
    ).toEqual([]);
    expect(packages(await graphOf(join(here, 'interviews/index.ts')))).toEqual(['mediasoup-client', 'zod']);
  });

  test('[CL35] messaging runs without a DOM: a socket, timers and random numbers are all it needs', async () => {
    const { build } = await import('vite');
    const built = await build({
      configFile: false,
      logLevel: 'silent',
      build: {
        write: false,
        minify: false,
        target: 'es2022',
        lib: { entry: join(here, 'index.ts'), formats: ['iife'], name: 'parley' },
      },
    });
    const [output] = Array.isArray(built) ? built : [built];
    if (!('output' in output!)) throw new Error('Nothing was built.');
    const world = createWorld('ana');
    world.addUser('ana', 'Ana');
    world.addUser('ben', 'Ben');
    world.openThread('t1', ['ana', 'ben']);
    const server = await startTestServer(world);
    // What React Native gives, and no more: a `window` without events, no document, no storage, no `crypto.randomUUID`.
    const globals: Record<string, unknown> = {
      WebSocket,
      setTimeout,
      clearTimeout,
      queueMicrotask,
      TextEncoder,
      URL,
      crypto: { getRandomValues: (bytes: Uint8Array<ArrayBuffer>) => crypto.getRandomValues(bytes) },
    };
    globals.globalThis = globals.window = globals;
    const parley = runInNewContext(`${output.output[0].code}; parley`, globals) as typeof import('./index.ts');
    const client: Client = parley.createClient({ url: server.url, token: () => 'token' });
    client.thread('t1').open();
    client.connect();
    client.thread('t1').post('from a phone');
    await until(
      () =>
        client
          .thread('t1')
          .view.get()
          .items.some(({ kind, key }) => kind === 'event' && key.startsWith('m:ana:')),
      'the message',
    );
    await client.close();
    await server.close();
  });

  test('[CL35] nothing but tests imports from Node', async () => {
    const files = (await readdir(here, { recursive: true })).filter(
      (name) => name.endsWith('.ts') && !/(^|\/)test-|\.test\.ts$/.test(name),
    );
    expect(files.length).toBeGreaterThan(20);
    for (const name of files) expect(await readFile(join(here, name), 'utf8'), name).not.toMatch(/from 'node:/);
  });

  test('[CL35] identifiers are random UUIDs, with and without `crypto.randomUUID`', () => {
    const { randomUUID } = crypto;
    const made = [uuid()];
    Object.defineProperty(crypto, 'randomUUID', { value: undefined, configurable: true });
    made.push(uuid(), uuid());
    Object.defineProperty(crypto, 'randomUUID', { value: randomUUID, configurable: true });
    for (const id of made) expect(id).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
    expect(new Set(made).size).toBe(3);
  });
});
