import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, existsSync, readFileSync, realpathSync, statSync, symlinkSync } from 'node:fs';
import { basename, join } from 'node:path';
import { expect, test } from 'vitest';
import { folderWith, moduleOf, ROOT, ran } from './setup.ts';

const RUN = join(ROOT, 'script', 'run');
const STAMPS = join(ROOT, 'node_modules', '.parley');

test('[RUN1] script/bootstrap run again does nothing and finds what it made', () => {
  const installed = statSync(join(ROOT, 'node_modules', '.package-lock.json')).mtimeMs;
  const native = statSync(join(STAMPS, 'uws')).mtimeMs;
  for (const args of [['--quiet'], ['--quiet', '--test']])
    expect(ran(join(ROOT, 'script', 'bootstrap'), args)).toEqual({ code: 0, output: '' });
  expect(statSync(join(ROOT, 'node_modules', '.package-lock.json')).mtimeMs).toBe(installed);
  expect(statSync(join(STAMPS, 'uws')).mtimeMs).toBe(native);
});

test('[RUN1] script/bootstrap answers an option it does not know with its usage', () => {
  const { code, output } = ran(join(ROOT, 'script', 'bootstrap'), ['--tests']);
  expect(output).toContain('Usage: script/bootstrap [--test]');
  expect(code).toBe(2);
});

test("[RUN6] script/run gives a command Node 24, the packages' programs and the worker, from any folder and through a link", () => {
  const folder = folderWith();
  symlinkSync(RUN, join(folder, 'run'));
  const script = 'console.log(JSON.stringify([process.versions.node, process.cwd(), process.env.MEDIASOUP_WORKER_BIN]))';
  const { PATH, HOME, PARLEY_CACHE } = process.env;
  const env = { PATH, HOME, ...(PARLEY_CACHE && { PARLEY_CACHE }) };
  const { output } = ran(join(folder, 'run'), ['node', '-e', script], { cwd: folder, env });
  const [version, cwd, worker] = JSON.parse(output) as [string, string, string];
  expect(version).toMatch(/^24\./);
  expect(cwd).toBe(realpathSync(folder));
  expect(existsSync(worker)).toBe(true);
  expect(ran(RUN, ['sh', '-c', 'command -v vitest'], { cwd: folder }).output.trim()).toBe(join(ROOT, 'node_modules/.bin/vitest'));
});

test('[RUN6] script/run becomes its command: arguments, exit code and signals are the command’s own', async () => {
  expect(ran(RUN, ['node', '-p', 'process.argv[1]', '--', 'a  b "c" $d']).output).toBe('a  b "c" $d\n');
  expect(ran(RUN, ['sh', '-c', 'exit 7']).code).toBe(7);

  const script = `process.on('SIGTERM', () => process.exit(9)); console.log('up'); setInterval(() => {}, 1000)`;
  const child = spawn(RUN, ['node', '-e', script], { stdio: ['ignore', 'pipe', 'inherit'] });
  await once(child.stdout, 'data');
  child.kill('SIGTERM');
  expect(await once(child, 'exit')).toEqual([9, null]);
});

test('[RUN2] a set-up waits for the one that has the lock, and takes it over when that one is killed', async () => {
  const { takeLock } = await moduleOf<{ takeLock(file: string): Promise<() => void> }>('script/setup/lock.mjs');
  const file = join(folderWith(), 'set-up.lock');
  const script = `import(process.argv[1]).then(({ takeLock }) => takeLock(process.argv[2])).then(() => console.log('taken'))
    setInterval(() => {}, 1000)`;
  const other = spawn(process.execPath, ['-e', script, join(ROOT, 'script/setup/lock.mjs'), file], {
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  await once(other.stdout, 'data');

  let taken = false;
  const taking = takeLock(file).then((free) => {
    taken = true;
    return free;
  });
  // Long enough for several looks at the lock.
  await new Promise((resolve) => setTimeout(resolve, 700));
  expect(taken).toBe(false);
  other.kill('SIGKILL');
  const free = await taking;
  free();
  (await takeLock(file))();
});

/** A PATH of nothing but what the script calls, with an apt-get that notes what it is asked and brings what is asked for. */
const bareMachine = (userId: number) => {
  const folder = folderWith({
    'apt-get': `#!/bin/sh\necho "$*" >>"$0.log"\n[ "$1" = update ] || ln -s '${process.execPath}' "\${0%/*}/node"\n[ "$1" = update ] || ln -s /bin/true "\${0%/*}/npm"\n`,
    id: `#!/bin/sh\necho ${userId}\n`,
  });
  for (const name of ['apt-get', 'id']) chmodSync(join(folder, name), 0o755);
  const tools = ran('sh', [
    '-c',
    'for tool in cat cut dirname find ln mktemp readlink rm sed sh sleep tail; do command -v $tool; done',
  ])
    .output.trim()
    .split('\n');
  for (const tool of tools) symlinkSync(tool, join(folder, basename(tool)));
  const { HOME, PARLEY_CACHE } = process.env;
  const env = { PATH: folder, HOME, ...(PARLEY_CACHE && { PARLEY_CACHE }) };
  const bootstrap = () => ran(join(ROOT, 'script', 'bootstrap'), ['--quiet'], { env });
  return {
    bootstrap,
    asked: () => (existsSync(join(folder, 'apt-get.log')) ? readFileSync(join(folder, 'apt-get.log'), 'utf8') : ''),
  };
};

test('[RUN16] where there is no Node script/bootstrap brings it and npm through apt-get, once', () => {
  const { bootstrap, asked } = bareMachine(0);
  expect(bootstrap()).toEqual({ code: 0, output: 'Node: apt-get installs nodejs and npm, to begin with\n' });
  expect(asked()).toMatch(/^update\ninstall -y .* nodejs npm\n$/u);
  expect(bootstrap()).toEqual({ code: 0, output: '' });
  expect(asked().split('\n')).toHaveLength(3);
});

test('[RUN16] who is not root is told the command that brings Node', () => {
  const { bootstrap, asked } = bareMachine(1000);
  const { code, output } = bootstrap();
  expect(output).toContain('sudo apt-get install nodejs npm');
  expect(code).toBe(1);
  expect(asked()).toBe('');
});
