// Upstream's prebuilt mediasoup worker, from where the package's own install script would fetch it. That script waits
// long for a host that does not answer and then starts a build of its own; this one gives up within seconds.
import { createWriteStream, mkdirSync, readFileSync, rmSync } from 'node:fs';
import { release } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { run } from './shell.mjs';

/** How long the host may take to begin its answer, and the whole download to arrive, in ms. */
const ANSWER_MS = 5_000;
const DOWNLOAD_MS = 120_000;

/** Where upstream publishes the worker of this version for this host; upstream's own variable names a mirror. */
function addressOf(packageDir) {
  const { version, repository } = JSON.parse(readFileSync(join(packageDir, 'package.json'), 'utf8'));
  const home = repository.url.replace(/^git\+/, '').replace(/\.git$/, '');
  const base = process.env.MEDIASOUP_WORKER_PREBUILT_DOWNLOAD_BASE_URL || `${home}/releases/download`;
  const kernel = process.platform === 'linux' ? `-kernel${release().split('.')[0]}` : '';
  return `${base}/${version}/mediasoup-worker-${version}-${process.platform}-${process.arch}${kernel}.tgz`;
}

/** Returns the path of the fetched worker, or undefined, having said why, when it can't be had or does not start here. */
export async function fetchPrebuilt({ packageDir, folder, starts, steps, answerMs = ANSWER_MS }) {
  steps.doing("asks for upstream's prebuilt worker");
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  const archive = join(folder, 'worker.tgz');
  try {
    const download = new AbortController();
    const answer = AbortSignal.timeout(answerMs);
    const unanswered = () => download.abort(answer.reason);
    answer.addEventListener('abort', unanswered);
    const response = await fetch(addressOf(packageDir), { signal: download.signal });
    answer.removeEventListener('abort', unanswered);
    if (!response.ok) throw new Error(`the answer was ${response.status}`);
    const signal = AbortSignal.timeout(DOWNLOAD_MS);
    let bytes = 0;
    const body = Readable.fromWeb(response.body).on('data', (chunk) => {
      bytes += chunk.byteLength;
      steps.progress(`${(bytes / 1e6).toFixed(1)} MB of upstream's prebuilt worker`);
    });
    await pipeline(body, createWriteStream(archive), { signal });
    const { code, output } = await run('tar', ['-xzf', archive, '-C', folder]);
    if (code !== 0) throw new Error(`it does not unpack: ${output}`);
    const binary = join(folder, 'mediasoup-worker');
    if (!starts(binary)) throw new Error('it does not run on this host');
    return binary;
  } catch (error) {
    steps.doing(`goes on without upstream's prebuilt worker (${error.cause?.code ?? error.message})`);
    return undefined;
  }
}
