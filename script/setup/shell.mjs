// Running other programs: their output is read line by line, kept for the message when they fail, never just printed.
import { spawn, spawnSync } from 'node:child_process';
import { createInterface } from 'node:readline';
import { SetupError } from './say.mjs';

/** Of a program's output these are kept: its first lines say what is wrong, or its last ones do. */
const KEPT_FIRST = 12;
const KEPT_LAST = 30;
const children = new Set();

/** Ends the programs that are still running; for the moment this process is told to stop. */
export function endChildren(signal) {
  for (const child of children) child.kill(signal);
}

/**
 * Runs a program to its end. Resolves with its exit code and last lines; rejects only when it cannot be started. `onLine` hears each
 * line; one that it returns false for says nothing about a failure and is not kept.
 */
export function run(command, args, { onLine = () => {}, ...options } = {}) {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, { stdio: ['ignore', 'pipe', 'pipe'], ...options });
    const lines = [];
    const read = (line) => {
      if (onLine(line) === false) return;
      lines.push(line);
      if (lines.length > KEPT_FIRST + KEPT_LAST) lines.splice(KEPT_FIRST, 1);
    };
    children.add(child);
    for (const stream of [child.stdout, child.stderr]) createInterface({ input: stream }).on('line', read);
    child.on('error', (error) => {
      children.delete(child);
      reject(new SetupError(`${command} could not be started: ${error.message}`));
    });
    child.on('close', (code, signal) => {
      children.delete(child);
      resolve({ code: code ?? signal, output: lines.join('\n') });
    });
  });
}

/** Runs a program that must succeed; its last lines are in the error when it does not. */
export async function mustRun(what, command, args, options) {
  const { code, output } = await run(command, args, options);
  if (code !== 0) throw new SetupError(`${what} failed (${command} ended with ${code}):\n${output}`);
  return output;
}

/** Whether a program of this name is on PATH. */
export function onPath(command) {
  return spawnSync('/bin/sh', ['-c', 'command -v "$1"', 'sh', command], { stdio: 'ignore' }).status === 0;
}
