// The two processes of script/dev. Each gets the terminal, so both speak for themselves; when one ends, so does the other.
import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';

/** Folders that the server is made of: whole folders, because a worker thread's imports are not followed. */
const WATCHED = ['src', 'protocol', 'config', 'signaling', 'media'];

const watching = ['--watch-preserve-output', ...WATCHED.filter(existsSync).map((folder) => `--watch-path=${folder}`)];
const server = [...watching, '--disable-warning=ExperimentalWarning', 'src/main.ts', 'serve', '--demo'];
const stdio = ['ignore', 'inherit', 'inherit'];
const children = [spawn(process.execPath, [...server, ...process.argv.slice(2)], { stdio }), spawn('vite', ['web'], { stdio })];

/** How long a child may take to end by itself before it is killed, in ms. */
const GRACE_MS = 10_000;
let ending = false;

function endAll(signal) {
  if (ending) return;
  ending = true;
  for (const child of children) child.kill(signal);
  setTimeout(() => {
    for (const child of children) child.kill('SIGKILL');
  }, GRACE_MS).unref();
}

// A Ctrl-C reaches the children too, as members of the terminal's foreground group; a second signal does no harm.
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => endAll(signal));

for (const child of children) {
  child.on('error', (error) => {
    process.stderr.write(`${child.spawnfile} could not be started: ${error.message}\n`);
    process.exitCode = 1;
    endAll('SIGTERM');
  });
  child.on('exit', (code) => {
    if (!ending) process.exitCode = code ?? 1;
    endAll('SIGTERM');
  });
}
