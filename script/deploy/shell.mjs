// The shell scripts: parsed by the shell, which finds what would not run, and read by shellcheck where it is installed.
import { spawnSync } from 'node:child_process';
import { globSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { onPath } from '../setup/shell.mjs';

export function shellScripts(root) {
  const isShell = (file) => statSync(join(root, file)).isFile() && readFileSync(join(root, file), 'utf8').startsWith('#!/bin/sh');
  return globSync('{script,deploy}/**', { cwd: root }).filter(isShell).sort();
}

const hasShellcheck = onPath('shellcheck');

export function checkShell(_content, report, file) {
  const run = (command, args) => {
    const { status, stdout, stderr } = spawnSync(command, [...args, file], { encoding: 'utf8' });
    if (status !== 0) for (const line of `${stdout}${stderr}`.trim().split('\n')) report(line.replace(`${file}:`, ''));
  };
  run('/bin/sh', ['-n']);
  if (hasShellcheck) run('shellcheck', ['--shell=sh', '--format=gcc']);
}
