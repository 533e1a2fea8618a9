import { execFile } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openThread, startGateway, type TestGateway } from '../support/gateway.ts';

const ROOT = resolve(import.meta.dirname, '..', '..');
/** Of the README. */
const IMPORT = "import { createClient } from 'parley/client';";

const PROGRAM = `
${IMPORT}
const [url, token, threadId] = process.argv.slice(2);
const client = createClient({ url, token: async () => token });
const heard = Promise.withResolvers();
client.inbox.subscribe(() => {
  const thread = client.inbox.get().threads.find((each) => each.threadId === threadId);
  if (thread?.lastMessage?.body === 'Hello from a site!') heard.resolve(thread.lastMessage);
});
client.connect();
client.thread(threadId).post('Hello from a site!');
const { body, senderId } = await heard.promise;
console.log(senderId, body);
await client.close();
`;

describe('the site of a host platform', () => {
  let site: string;
  let gateway: TestGateway;
  beforeAll(async () => {
    site = mkdtempSync(join(tmpdir(), 'parley-site-'));
    mkdirSync(join(site, 'node_modules'));
    // As npm installs a folder.
    symlinkSync(ROOT, join(site, 'node_modules', 'parley'));
    gateway = await startGateway();
  });
  afterAll(async () => {
    await gateway?.close();
    rmSync(site, { recursive: true, force: true });
  });

  it('[CL54] talks by the SDK that a clone installs, as the README imports it', async () => {
    expect(readFileSync(join(ROOT, 'README.md'), 'utf8')).toContain(IMPORT);
    const threadId = await openThread(gateway);
    writeFileSync(join(site, 'site.mjs'), PROGRAM);
    const args = [join(site, 'site.mjs'), gateway.socketUrl, gateway.token('talent'), threadId];
    const { stdout } = await promisify(execFile)(process.execPath, args, { timeout: 30_000 });
    expect(stdout).toBe('talent Hello from a site!\n');
  });

  it('[CL54] bundles the SDK and its interviews for a browser', async () => {
    const { build } = await import('vite');
    const entry = join(site, 'page.js');
    writeFileSync(
      entry,
      `${IMPORT}\nimport { createInterviews } from 'parley/client/interviews';\nglobalThis.made = createInterviews(createClient({ url: 'ws://localhost', token: async () => '' }));\n`,
    );
    const built = await build({
      configFile: false,
      root: site,
      logLevel: 'silent',
      build: { write: false, lib: { entry, formats: ['es'], fileName: 'page' } },
    });
    const [output] = Array.isArray(built) ? built : [built];
    if (!('output' in output!)) throw new Error('Nothing was built.');
    const [chunk] = output.output;
    expect('imports' in chunk! && chunk.imports).toEqual([]);
  });
});
