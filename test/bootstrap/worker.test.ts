import { readFileSync } from 'node:fs';
import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { afterEach, expect, test } from 'vitest';
import { folderWith, moduleOf, ROOT, ran } from './setup.ts';

interface Edit {
  file: string;
  from: string;
  to: string;
}
interface Prebuilt {
  packageDir: string;
  folder: string;
  starts: (binary: string) => boolean;
  steps: { doing(what: string): void; progress(what: string): void };
  answerMs?: number;
}
const { EDITS, applyEdit } = await moduleOf<{ EDITS: Edit[]; applyEdit(text: string, edit: Edit): string }>(
  'media/worker/edits.mjs',
);
const { fetchPrebuilt } = await moduleOf<{ fetchPrebuilt(options: Prebuilt): Promise<string | undefined> }>(
  'script/setup/prebuilt.mjs',
);
const PACKAGE = join(ROOT, 'node_modules', 'mediasoup');
const TRIAL = join(ROOT, 'media', 'worker', 'trial.mjs');

const trialOf = (worker: string) => ran(process.execPath, [TRIAL], { env: { ...process.env, MEDIASOUP_WORKER_BIN: worker } });

test('[RUN4] the worker that the set-up found gets through a real call', () => {
  const worker = process.env.MEDIASOUP_WORKER_BIN ?? '';
  expect(trialOf(worker)).toEqual({ code: 0, output: 'The trial call went well: DTLS connected.\n' });
});

test('[RUN4] the trial call fails with a program that is no worker', () => {
  const { code, output } = trialOf('/bin/true');
  expect(output).toContain('The trial call failed');
  expect(code).toBe(1);
});

test.each(EDITS)("[RUN5] the change to the worker's $file fits mediasoup's sources once, and not a second time", (edit) => {
  const source = readFileSync(join(PACKAGE, 'worker', edit.file), 'utf8');
  const edited = applyEdit(source, edit);
  expect(edited).toContain(edit.to);
  expect(() => applyEdit(source.replaceAll(edit.from, ''), edit)).toThrow('fits 0 times');
  expect(() => applyEdit(source + edit.from, edit)).toThrow('fits 2 times');
});

const closings: (() => void)[] = [];
afterEach(() => {
  for (const close of closings.splice(0)) close();
  delete process.env.MEDIASOUP_WORKER_PREBUILT_DOWNLOAD_BASE_URL;
});

/** Asks a host that answers like this for the prebuilt worker; what came of it, and what was said. */
async function prebuiltFrom(answer: RequestListener, starts: (binary: string) => boolean, answerMs?: number) {
  const server = createServer(answer).listen(0, '127.0.0.1');
  await new Promise((resolve) => server.once('listening', resolve));
  closings.push(() => {
    server.closeAllConnections();
    server.close();
  });
  process.env.MEDIASOUP_WORKER_PREBUILT_DOWNLOAD_BASE_URL = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const said: string[] = [];
  const steps = { doing: (what: string) => void said.push(what), progress: () => {} };
  const options: Prebuilt = { packageDir: PACKAGE, folder: folderWith(), starts, steps };
  const path = await fetchPrebuilt(answerMs === undefined ? options : { ...options, answerMs });
  return { path, said: said.at(-1) };
}

/** The archive that upstream would send, with a script for a worker. */
function archive(): Buffer {
  const folder = folderWith({ 'mediasoup-worker': '#!/bin/sh\nexit 41\n' });
  ran('tar', ['-czf', join(folder, 'worker.tgz'), '-C', folder, 'mediasoup-worker']);
  return readFileSync(join(folder, 'worker.tgz'));
}

test("[RUN4] upstream's prebuilt worker is taken when it starts on this host", async () => {
  const asked: (string | undefined)[] = [];
  const { path } = await prebuiltFrom(
    (request, response) => {
      asked.push(request.url);
      response.end(archive());
    },
    () => true,
  );
  expect(readFileSync(path ?? '', 'utf8')).toBe('#!/bin/sh\nexit 41\n');
  expect(asked[0]).toMatch(/^\/3\.\d+\.\d+\/mediasoup-worker-3\.\d+\.\d+-\w+-\w+(-kernel\d+)?\.tgz$/);
});

test.each<[string, RequestListener, string]>([
  ['does not start', (_, response) => response.end(archive()), 'it does not run on this host'],
  ['is not there', (_, response) => response.writeHead(404).end(), 'the answer was 404'],
  ['does not unpack', (_, response) => response.end('hello'), 'it does not unpack'],
  ['never comes', () => {}, 'timeout'],
])("[RUN4] upstream's prebuilt worker is left, with a word why, when it %s", async (_, answer, why) => {
  const { path, said } = await prebuiltFrom(answer, () => false, 200);
  expect(path).toBeUndefined();
  expect(said).toContain("goes on without upstream's prebuilt worker");
  expect(said).toContain(why);
});
