/**
 * A gateway that drains 10,000 sessions, and their way back to the next process on the same port: how long closing takes, how even the
 * arrivals are, and when the last one has its session again. Before that, what the open sessions cost while nobody writes.
 * Usage: node loadtest/drain.ts [SESSIONS]
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import WebSocket from 'ws';
import { mintToken } from '../src/identity/tokens.ts';

const SESSIONS = Number(process.argv[2] ?? 10_000);
const USERS = 100;
const PORT = 18_080;
const QUIET_MS = 50_000;
const SECRET = 'a-secret-of-the-load-test-with-32-characters';
const KEY = 'a-host-key-of-the-load-test-24';
const MAIN = fileURLToPath(new URL('../src/main.ts', import.meta.url));
const dataDir = mkdtempSync(join(tmpdir(), 'parley-drain-'));

const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

const startServer = async (): Promise<ChildProcess> => {
  const child = spawn(process.execPath, ['--disable-warning=ExperimentalWarning', MAIN], {
    stdio: ['ignore', 'ignore', 'inherit'],
    env: {
      ...process.env,
      PARLEY_PORT: String(PORT),
      PARLEY_DATA_DIR: dataDir,
      PARLEY_JWT_SECRET: SECRET,
      PARLEY_HOST_API_KEY: KEY,
      PARLEY_SEAL_KEYS: JSON.stringify([`${'A'.repeat(43)}=`]),
      PARLEY_MEDIA_WORKERS: '1',
      PARLEY_LOG_LEVEL: 'warn',
      PARLEY_WEB_ROOT: '',
      PARLEY_LIMIT_MESSAGES: '0',
      PARLEY_LIMIT_THREAD_MESSAGES: '0',
    },
  });
  for (;;) {
    const ready = await fetch(`http://127.0.0.1:${PORT}/readyz`).then(
      ({ ok }) => ok,
      () => false,
    );
    if (ready) return child;
    if (child.exitCode !== null) throw new Error(`The server ended with ${child.exitCode}.`);
    await pause(20);
  }
};

interface Closed {
  readonly at: number;
  readonly delayMs: number;
}

/** Opens a session; resolves once it is open. */
const open = (userId: string, onClose: (closed: Closed) => void): Promise<WebSocket> =>
  new Promise((resolve, reject) => {
    const socket = new WebSocket(`ws://127.0.0.1:${PORT}/v1/socket`, { perMessageDeflate: false });
    const token = mintToken(SECRET, userId, { ttlSeconds: 3_600 });
    socket.on('open', () => socket.send(JSON.stringify({ id: 1, type: 'session.open', payload: { protocol: 1, token } })));
    socket.once('message', () => resolve(socket));
    socket.on('error', reject);
    socket.on('close', (code, reason) => {
      const delayMs = code === 4000 ? (JSON.parse(String(reason)) as { delayMs: number }).delayMs : Number.NaN;
      onClose({ at: performance.now(), delayMs });
    });
  });

/** Resident memory, and CPU used so far, of a process (Linux; 100 clock ticks a second). */
const costOf = ({ pid }: ChildProcess): { residentBytes: number; cpuMs: number } => {
  const resident = /VmRSS:\s+(\d+) kB/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'));
  const [, , , , , , , , , , , userTicks, systemTicks] = readFileSync(`/proc/${pid}/stat`, 'utf8')
    .replace(/^.*\) /, '')
    .split(' ');
  return { residentBytes: Number(resident?.[1]) * 1_024, cpuMs: (Number(userTicks) + Number(systemTicks)) * 10 };
};

const user = (index: number): string => `user-${index % USERS}`;
const percentile = (sorted: readonly number[], share: number): number =>
  sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? 0;

let server = await startServer();
try {
  for (let index = 0; index < USERS; index++) {
    await fetch(`http://127.0.0.1:${PORT}/v1/users/${user(index)}`, {
      method: 'PUT',
      headers: { Authorization: `Bearer ${KEY}` },
      body: JSON.stringify({ displayName: user(index) }),
    });
  }
  const empty = costOf(server);
  const closed: Closed[] = [];
  const back: number[] = [];
  let retries = 0;
  const comeBack = async (index: number, delayMs: number): Promise<void> => {
    await pause(delayMs);
    for (;;) {
      try {
        await open(user(index), () => {});
        back.push(performance.now());
        return;
      } catch {
        retries += 1;
        await pause(Math.random() * 500);
      }
    }
  };
  const returns: Promise<void>[] = [];
  for (let from = 0; from < SESSIONS; from += 200) {
    const batch = Array.from({ length: Math.min(200, SESSIONS - from) }, (_, offset) => from + offset);
    await Promise.all(
      batch.map((index) =>
        open(user(index), (end) => {
          closed.push(end);
          returns.push(comeBack(index, end.delayMs));
        }),
      ),
    );
  }
  // Heartbeats come every PARLEY_HEARTBEAT_MS; two of them are in this time.
  const opened = costOf(server);
  await pause(QUIET_MS);
  const quiet = costOf(server);
  console.log(
    `${SESSIONS} sessions are open: ${Math.round((quiet.residentBytes - empty.residentBytes) / SESSIONS)} bytes each; opening took ` +
      `${((opened.cpuMs - empty.cpuMs) / SESSIONS).toFixed(2)} ms of CPU each, and then ` +
      `${(((quiet.cpuMs - opened.cpuMs) / QUIET_MS) * 100).toFixed(0)} % of a core with nothing said.`,
  );
  const begun = performance.now();
  server.kill('SIGTERM');
  const exitCode = await new Promise((resolve) => server.once('exit', resolve));
  console.log(`The process ended with ${exitCode} after ${Math.round(performance.now() - begun)} ms.`);
  server = await startServer();
  console.log(`The next one is ready after ${Math.round(performance.now() - begun)} ms.`);
  while (closed.length < SESSIONS) await pause(10);
  await Promise.all(returns);

  const unpaced = closed.filter(({ delayMs }) => Number.isNaN(delayMs)).length;
  const asked = closed.map(({ at, delayMs }) => at + delayMs - begun).sort((a, b) => a - b);
  const came = back.map((at) => at - begun).sort((a, b) => a - b);
  const perSecond = (times: readonly number[]): number[] => {
    const counts: number[] = Array(Math.ceil(((times.at(-1) ?? 0) + 1) / 1_000)).fill(0);
    for (const time of times) counts[Math.floor(time / 1_000)] = (counts[Math.floor(time / 1_000)] ?? 0) + 1;
    return counts;
  };
  console.log(
    `Closed without a pace: ${unpaced}. All closed within ${Math.round(Math.max(...closed.map(({ at }) => at)) - begun)} ms.`,
  );
  console.log(`Asked back, each second: ${perSecond(asked).join(' ')}`);
  console.log(`Came back, each second:  ${perSecond(came).join(' ')} (${retries} retries)`);
  console.log(`p50 ${Math.round(percentile(came, 0.5))} ms, last ${Math.round(came.at(-1) ?? 0)} ms after SIGTERM.`);
} finally {
  server.kill('SIGKILL');
  rmSync(dataDir, { recursive: true, force: true });
}
process.exit(0);
