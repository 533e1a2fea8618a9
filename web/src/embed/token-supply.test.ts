import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { createTokenSupply, expiryOf, PATIENCE_MS } from './token-supply.ts';

const part = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url');
const tokenOf = (exp: number | undefined, name = 'ana') => `${part({ alg: 'HS256' })}.${part({ sub: name, exp })}.c2ln`;

describe('the tokens of an embedded conversation', () => {
  beforeEach(() => void vi.useFakeTimers());
  afterEach(() => void vi.useRealTimers());

  const start = () => {
    const wanted: (number | null)[] = [];
    const state = { isOnline: false };
    const first = tokenOf(1_800_000_000);
    const supply = createTokenSupply({ first, isOnline: () => state.isOnline, onWanted: (at) => void wanted.push(at) });
    return { supply, wanted, state, first };
  };

  it('[EM5] one token opens a session as often as the socket breaks; the page is asked when the open session needs another', async () => {
    const { supply, wanted, state, first } = start();
    expect(await supply.token()).toBe(first);
    expect(await supply.token()).toBe(first);
    expect(wanted).toEqual([]);
    state.isOnline = true;
    const next = supply.token();
    expect(wanted).toEqual([1_800_000_000_000]);
    // The session holds meanwhile: nothing is given up.
    await vi.advanceTimersByTimeAsync(10 * PATIENCE_MS);
    supply.renew(tokenOf(1_800_000_600));
    expect(await next).toBe(tokenOf(1_800_000_600));
  });

  it('[EM5] a page that gives a token before it is asked is not asked', async () => {
    const { supply, wanted, state } = start();
    await supply.token();
    state.isOnline = true;
    supply.renew(tokenOf(1_800_000_600));
    expect(await supply.token()).toBe(tokenOf(1_800_000_600));
    expect(wanted).toEqual([]);
  });

  it('[EM6] a token that is refused is not tried again, and the page has a time to give another', async () => {
    const { supply, wanted } = start();
    await supply.token();
    supply.refuse();
    const late = supply.token().catch((error: { code: string; retryable: boolean }) => error);
    expect(wanted).toHaveLength(1);
    await vi.advanceTimersByTimeAsync(PATIENCE_MS);
    expect(await late).toMatchObject({ code: 'unauthenticated', retryable: false });
    const soon = supply.token();
    supply.renew(tokenOf(1_800_000_600));
    expect(await soon).toBe(tokenOf(1_800_000_600));
  });

  it('[EM5] when a token ends is read from it, where it says so', () => {
    expect(expiryOf(tokenOf(1_800_000_000))).toBe(1_800_000_000_000);
    expect(expiryOf(tokenOf(1_800_000_000, 'Tomás'))).toBe(1_800_000_000_000);
    expect(expiryOf(tokenOf(undefined))).toBeNull();
    for (const text of ['', 'a.b.c', 'nonsense']) expect(expiryOf(text), text).toBeNull();
  });
});
