/**
 * The host platform's key server: a JWK set behind a URL. Keys are kept and fetched anew in the background before they are stale;
 * an unknown key id asks once more at once, and not again for a while, so that forged ids cannot hammer the server. While the
 * server is down the keys that are known go on serving, however old; of an unknown one nothing can be said.
 */
import type { Logger } from 'pino';
import type { Clock } from '../clock.ts';
import { type KeySet, readKeySet } from './key-set.ts';
import type { KeySource } from './keys.ts';

export interface KeyServer extends KeySource {
  /** Whether the keys were ever fetched. */
  ready(): boolean;
  /** Unix ms of the last good answer. */
  fetchedAt(): number | undefined;
  close(): void;
}

const ALGORITHMS: readonly string[] = ['RS256', 'ES256', 'EdDSA'];

/** Fetched again after this when the server names no time (`Cache-Control: max-age`), and at most and least as often. */
const FRESH_MS = { usual: 600_000, least: 60_000, most: 3_600_000 };
/** After a failure. */
const RETRY_MS = { first: 1_000, most: 60_000 };
const COOLDOWN_MS = 10_000;
const TIMEOUT_MS = 5_000;
const MAX_BYTES = 256 * 1024;

export const createKeyServer = (options: {
  url: string;
  clock: Clock;
  log: Logger;
  onFetch: (outcome: 'ok' | 'failed') => void;
  /** How long an unknown key id is not asked for again. */
  cooldownMs?: number;
}): KeyServer => {
  const { url, clock, log, cooldownMs = COOLDOWN_MS } = options;
  let keys: KeySet | undefined;
  let fetchedAt: number | undefined;
  let askedAt = Number.NEGATIVE_INFINITY;
  let failures = 0;
  let fetching: Promise<void> | undefined;
  let cancelNext = (): void => {};
  const closing = new AbortController();

  const load = async (): Promise<void> => {
    askedAt = clock.now();
    cancelNext();
    try {
      const { value, freshMs } = await fetchJson(url, closing.signal);
      keys = readKeySet(value);
      fetchedAt = clock.now();
      failures = 0;
      options.onFetch('ok');
      again(freshMs * 0.8);
    } catch (error) {
      if (closing.signal.aborted) return;
      failures += 1;
      options.onFetch('failed');
      const have = keys === undefined ? 'nobody can sign in with its keys' : 'the keys that are known go on serving';
      log.warn({ err: error, fetchedAt }, `the key server does not answer as it should; ${have}`);
      again(Math.min(RETRY_MS.most, RETRY_MS.first * 2 ** (failures - 1)));
      throw error;
    }
  };
  /** One fetch at a time; whoever asks meanwhile waits for it. */
  const refresh = (): Promise<void> => {
    fetching ??= load().finally(() => {
      fetching = undefined;
    });
    return fetching;
  };
  const again = (delayMs: number): void => {
    cancelNext = clock.after(delayMs, () => void refresh().catch(() => {}));
  };
  refresh().catch(() => {});

  return {
    async find(header) {
      // Nothing else is ever in a key set, so that asking for it would be in vain.
      if (!ALGORITHMS.includes(header.alg)) return undefined;
      const known = keys?.find(header);
      if (known !== undefined) return known;
      if (fetching === undefined && clock.now() - askedAt < cooldownMs)
        throw new Error('The key is unknown, and the key server was asked a moment ago.');
      await refresh();
      return keys?.find(header);
    },
    ready: () => keys !== undefined,
    fetchedAt: () => fetchedAt,
    close() {
      closing.abort();
      cancelNext();
    },
  };
};

const fetchJson = async (url: string, closing: AbortSignal): Promise<{ value: unknown; freshMs: number }> => {
  const response = await fetch(url, {
    headers: { Accept: 'application/jwk-set+json, application/json' },
    // A redirect could lead anywhere, to plain http too.
    redirect: 'error',
    signal: AbortSignal.any([closing, AbortSignal.timeout(TIMEOUT_MS)]),
  });
  if (!response.ok) throw new Error(`The key server answered ${response.status}.`);
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  for await (const chunk of response.body ?? []) {
    bytes += chunk.byteLength;
    if (bytes > MAX_BYTES) throw new Error(`The key server sent more than ${MAX_BYTES} bytes.`);
    chunks.push(chunk);
  }
  const maxAge = /(?:^|[,\s])max-age=(\d+)/i.exec(response.headers.get('cache-control') ?? '')?.[1];
  const freshMs = maxAge === undefined ? FRESH_MS.usual : Number(maxAge) * 1_000;
  return {
    value: JSON.parse(Buffer.concat(chunks).toString('utf8')),
    freshMs: Math.min(FRESH_MS.most, Math.max(FRESH_MS.least, freshMs)),
  };
};
