import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { launchBrowser } from '../support/browser.ts';
import { freePort } from '../support/server-process.ts';
import { until } from '../support/until.ts';

const ROOT = resolve(import.meta.dirname, '..', '..');

describe('who follows the greeting of script/server', () => {
  let dataDir: string;
  let port: number;
  let server: ChildProcess;
  let browser: Browser;
  let printed = '';

  beforeAll(async () => {
    dataDir = mkdtempSync(join(tmpdir(), 'parley-first-'));
    port = await freePort();
    server = spawn(join(ROOT, 'script', 'server'), [], {
      env: {
        ...process.env,
        PARLEY_PORT: String(port),
        PARLEY_DATA_DIR: dataDir,
        PARLEY_MEDIA_WORKERS: '1',
        PARLEY_MEDIA_LISTEN_IP: '127.0.0.1',
      },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    for (const stream of [server.stdout, server.stderr]) stream?.on('data', (chunk: Buffer) => (printed += chunk.toString()));
    browser = await launchBrowser();
  }, 120_000);
  afterAll(async () => {
    await browser?.close();
    server?.kill('SIGKILL');
    rmSync(dataDir, { recursive: true, force: true });
  });

  /** A new window with this address, in a browser profile of its own. */
  const visit = async (address: string): Promise<Page> => {
    const context = await browser.newContext({ permissions: ['camera', 'microphone'], locale: 'en-US' });
    const page = await context.newPage();
    expect((await page.goto(address))?.status()).toBe(200);
    return page;
  };

  it('[RUN14] gets into a video call, by the words that it names', async () => {
    const addresses = await until(
      'the greeting',
      () => {
        if (server.exitCode !== null) throw new Error(`script/server ended with ${server.exitCode}:\n${printed}`);
        return printed.includes('Ctrl-C') && [...printed.matchAll(/^ {4}(http:\S+) /gm)].map(([, address]) => address as string);
      },
      120_000,
    );
    expect(addresses).toEqual(['dana', 'tomas', 'noor'].map((name) => `http://localhost:${port}/?as=${name}`));
    for (const word of ['My jobs', 'explainer video', 'proposal of Tomás', '"Send message"', 'camera', '"Join"'])
      expect(printed).toContain(word);
    const readme = readFileSync(join(ROOT, 'README.md'), 'utf8');
    for (const word of ['**My jobs**', 'explainer video', '**Send message**', 'camera', '**Join**'])
      expect(readme).toContain(word);
    const [dana, tomas] = (await Promise.all(addresses.map(visit))) as [Page, Page];

    await dana.getByRole('link', { name: 'My jobs' }).click();
    await dana.getByRole('link', { name: /explainer video/i }).click();
    await dana
      .getByRole('link', { name: /Tomás Rivera/ })
      .first()
      .click();
    await dana.getByRole('textbox').fill('Hello Tomás, do you have a moment to talk?');
    await dana.getByRole('button', { name: 'Send message' }).click();
    await dana.getByRole('button', { name: 'Video call' }).click();
    await tomas.getByRole('button', { name: 'Answer' }).click();
    for (const page of [dana, tomas]) await page.getByRole('button', { name: 'Join', exact: true }).click();
    for (const [page, other] of [
      [dana, 'tomas'],
      [tomas, 'dana'],
    ] as const) {
      await page.waitForFunction((userId) => {
        const video = document.querySelector<HTMLVideoElement>(`[data-testid="tile-${userId}"] video`);
        return (video?.getVideoPlaybackQuality().totalVideoFrames ?? 0) > 10;
      }, other);
    }

    const gone = once(server, 'exit');
    server.kill('SIGTERM');
    expect((await gone)[0]).toBe(0);
  }, 240_000);
});
