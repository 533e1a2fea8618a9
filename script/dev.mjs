// Runs the server and the web application for development. The pages come from vite, which is here and takes changes of web/ and
// client/ in place; the gateway is a child that starts anew when a file of it changes, and vite passes on to it what is no page.
// It is not `node --watch` that starts it: that puts messages of its own between the store and its worker thread.
import { spawn } from 'node:child_process';
import { relative, resolve, sep } from 'node:path';
import { parseArgs } from 'node:util';
import { createServer } from 'vite';
import { ROOT } from './setup/cache.mjs';
import { say } from './setup/say.mjs';

/** Folders that the server is made of: whole folders, because a worker thread's imports are not seen. */
const WATCHED = ['src', 'protocol', 'config', 'signaling', 'media'];
const EVERY_INTERFACE = ['0.0.0.0', '::'];
/** An editor that saves all its files makes one restart. */
const SETTLED_MS = 100;
/** How long the gateway may take to end by itself before it is killed, in ms. */
const GRACE_MS = 10_000;

const args = process.argv.slice(2);
const { port = process.env.PARLEY_PORT } = parseArgs({ args, options: { port: { type: 'string' } }, strict: false }).values;
const { PARLEY_HOST: named = '127.0.0.1' } = process.env;
const host = EVERY_INTERFACE.includes(named) ? '127.0.0.1' : named;

// Of vite's configuration, which is loaded below.
process.env.PARLEY_DEV_GATEWAY = `http://${host}:${port}`;
const vite = await createServer({ root: 'web' });
await vite.listen();
const [page] = vite.resolvedUrls.local;

const program = ['--disable-warning=ExperimentalWarning', 'src/main.ts', 'serve', '--demo', '--page', page, ...args];
let gateway;
let isRestart = false;
let isEnd = false;

function start() {
  isRestart = false;
  const started = spawn(process.execPath, program, { stdio: ['ignore', 'inherit', 'inherit'] });
  gateway = started;
  started.once('exit', (code, signal) => {
    gateway = undefined;
    if (isEnd) void close();
    else if (isRestart) start();
    else say(`The gateway ended with ${code ?? signal}. It starts again when one of its files changes; Ctrl-C ends this.`);
  });
}

/** Asks the gateway to end; what comes then is decided where its end is heard. */
function stopGateway() {
  const stopped = gateway;
  stopped?.kill('SIGTERM');
  setTimeout(() => stopped?.kill('SIGKILL'), GRACE_MS).unref();
}

async function close() {
  await vite.close();
  process.exit(0);
}

let settled;
vite.watcher.add(WATCHED.map((folder) => resolve(ROOT, folder)));
vite.watcher.on('all', (event, path) => {
  const name = relative(ROOT, path);
  if (event.endsWith('Dir') || !WATCHED.includes(name.split(sep)[0]) || /\.test\.ts$/.test(name) || isEnd) return;
  clearTimeout(settled);
  settled = setTimeout(() => {
    if (isRestart) return;
    say(`${name} changed: the gateway starts anew.`);
    isRestart = true;
    if (gateway === undefined) start();
    else stopGateway();
  }, SETTLED_MS);
});

// Vite's own end is at once, and would not wait for the gateway.
process.removeAllListeners('SIGTERM');
process.on('exit', () => gateway?.kill('SIGTERM'));

// A Ctrl-C reaches the gateway too, as a member of the terminal's foreground group; a second signal does no harm.
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) {
  process.on(signal, () => {
    isEnd = true;
    if (gateway === undefined) void close();
    else stopGateway();
  });
}

start();
