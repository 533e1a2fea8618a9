/** One request to the receiver, bounded in time and in what is read of its answer, and what follows from it. */

/** From the end of an attempt to the next; after the last it is given up. Some two and a half days in all. */
export const RETRY_AFTER_MS: readonly number[] = [
  5_000, 30_000, 120_000, 600_000, 3_600_000, 10_800_000, 21_600_000, 43_200_000, 64_800_000, 86_400_000,
];
/** So that what failed together does not come back together: 0.8 to 1.2 of the delay. */
const JITTER = 0.2;
/** A receiver that names a later time is heard up to this. */
const MAX_RETRY_AFTER_MS = 3_600_000;

/** Taken, to be tried again, or, as 410 says, nothing more is wanted at this address; or we did not wait for one. */
export type Answer =
  | { readonly is: 'taken' }
  | { readonly is: 'failed'; readonly error: string; readonly retryAfterMs?: number }
  | { readonly is: 'gone' }
  | { readonly is: 'left' };

export const askReceiver = async (
  url: string,
  request: {
    readonly headers: Readonly<Record<string, string>>;
    readonly body: string;
    readonly timeoutMs: number;
    /** Aborted when there is no time left to wait. */
    readonly leaving: AbortSignal;
  },
): Promise<Answer> => {
  try {
    const response = await fetch(url, {
      method: 'POST',
      headers: { 'content-type': 'application/json', 'user-agent': 'Parley', ...request.headers },
      body: request.body,
      // A redirect would carry the event to an address that nobody configured.
      redirect: 'manual',
      signal: AbortSignal.any([AbortSignal.timeout(request.timeoutMs), request.leaving]),
    });
    // Nothing of the answer but its status is of interest, however long it is.
    await response.body?.cancel();
    if (response.ok) return { is: 'taken' };
    if (response.status === 410) return { is: 'gone' };
    const seconds = Number(response.headers.get('retry-after'));
    const retryAfterMs = seconds > 0 ? { retryAfterMs: Math.min(seconds * 1_000, MAX_RETRY_AFTER_MS) } : {};
    return { is: 'failed', error: `The receiver answered ${response.status}.`, ...retryAfterMs };
  } catch (error) {
    if (request.leaving.aborted) return { is: 'left' };
    const { name, message, cause } = error as Error;
    if (name === 'TimeoutError') return { is: 'failed', error: `The receiver did not answer within ${request.timeoutMs} ms.` };
    return { is: 'failed', error: cause instanceof Error ? cause.message : message };
  }
};

/** When the next attempt is due after the `attempt`th failed; undefined when that was the last. */
export const nextDelayMs = (
  attempt: number,
  { retryAfterMs = 0, random }: { retryAfterMs?: number | undefined; random: () => number },
) => {
  const delayMs = RETRY_AFTER_MS[attempt - 1];
  if (delayMs === undefined) return undefined;
  return Math.max(retryAfterMs, Math.round(delayMs * (1 - JITTER + 2 * JITTER * random())));
};
