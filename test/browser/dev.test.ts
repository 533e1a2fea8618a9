import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readFileSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Browser } from 'playwright-core';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { launchBrowser, signInAs } from '../support/browser.ts';
import { copyOfCheckout } from '../support/checkout.ts';
import { freePort } from '../support/server-process.ts';
import { until } from '../support/until.ts';

/** Thousands of files, on a disk that may be busy. */
const COPYING_MS = 180_000;

describe('script/dev on a fresh clone', () => {
  let checkout: ReturnType<typeof copyOfCheckout>;
  let browser: Browser;
  let dev: ChildProcess | undefined;
  let printed = '';

  beforeAll(async () => {
    checkout = copyOfCheckout();
    browser = await launchBrowser();
  }, COPYING_MS);
  afterEach(async () => {
    for (const pid of pids()) if (lives(pid)) process.kill(pid, 'SIGKILL');
    dev?.kill('SIGKILL');
  });
  afterAll(async () => {
    await browser?.close();
    checkout?.remove();
  }, COPYING_MS);

  /** Of each life of the gateway. */
  const pids = (): number[] => [...printed.matchAll(/"pid":(\d+),[^\n]*"msg":"listening"/g)].map(([, pid]) => Number(pid));
  const lives = (pid: number): boolean => {
    try {
      return process.kill(pid, 0);
    } catch {
      return false;
    }
  };

  /** Starts it; where it says to click. */
  const start = async (args: string[], env: Record<string, string>): Promise<string> => {
    printed = '';
    const { PARLEY_PORT: _, ...inherited } = process.env;
    const started = spawn(join(checkout.folder, 'script', 'dev'), args, {
      env: {
        ...inherited,
        PARLEY_DATA_DIR: join(checkout.folder, 'data'),
        PARLEY_MEDIA_WORKERS: '1',
        PARLEY_MEDIA_LISTEN_IP: '127.0.0.1',
        ...env,
      },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    dev = started;
    for (const stream of [started.stdout, started.stderr]) stream.on('data', (chunk: Buffer) => (printed += chunk.toString()));
    const [, page] = await until(
      'the greeting of script/dev',
      () => {
        if (started.exitCode !== null) throw new Error(`script/dev ended with ${started.exitCode}:\n${printed}`);
        return /(http:\/\/\S+)\/\?as=dana/.exec(printed) ?? undefined;
      },
      60_000,
    );
    return page as string;
  };

  const stop = async (): Promise<unknown> => {
    const gone = once(dev as ChildProcess, 'exit');
    dev?.kill('SIGTERM');
    return (await gone)[0];
  };

  it('[RUN13] pages come through vite, a change of the server starts it anew, one of a page shows in place, and all ends when told', async () => {
    const port = await freePort();
    const page = await start(['--port', String(port)], { PARLEY_PORT: String(await freePort()) });
    expect(existsSync(join(checkout.folder, 'web', 'dist'))).toBe(false);
    expect(new URL(page).port).not.toBe(String(port));
    expect((await fetch(`http://127.0.0.1:${port}/healthz`)).status).toBe(200);
    const dana = await signInAs(browser, page, 'dana');
    await dana.page.evaluate(() => Object.assign(window, { __notReloaded: true }));

    const places = join(checkout.folder, 'web', 'src', 'threads', 'places.tsx');
    const source = readFileSync(places, 'utf8');
    expect(source).toContain('label="My jobs"');
    writeFileSync(places, source.replace('label="My jobs"', 'label="All that I look for"'));
    await dana.page.getByText('All that I look for').waitFor();

    const [first] = pids();
    const touched = new Date();
    utimesSync(join(checkout.folder, 'src', 'hub.ts'), touched, touched);
    const second = await until('the gateway to start anew', () => pids()[1], 20_000);
    expect(second).not.toBe(first);
    expect(lives(first as number)).toBe(false);
    await dana.page.waitForFunction(() => window.__parley.client.connection.get().status === 'online');
    expect(await dana.page.evaluate(() => '__notReloaded' in window)).toBe(true);
    expect(dana.errors).toEqual([]);
    await dana.context.close();

    expect(await stop()).toBe(0);
    expect(pids().filter(lives)).toEqual([]);
    await expect(fetch(page)).rejects.toThrow();
    await expect(fetch(`http://127.0.0.1:${port}/healthz`)).rejects.toThrow();
  });

  it('[RUN13] the port may come from PARLEY_PORT', async () => {
    const port = await freePort();
    const page = await start([], { PARLEY_PORT: String(port) });
    expect((await fetch(`http://127.0.0.1:${port}/healthz`)).status).toBe(200);
    expect((await fetch(`${page}/demo/people`)).status).toBe(200);
    expect(await stop()).toBe(0);
  });
});
