import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { describeProtocol } from './describe.ts';
import {
  CLOSE_CODES,
  type CloseName,
  decodeCloseReason,
  encodeCloseReason,
  encodeInboxEvent,
  encodeInboxPush,
  type InboxEvent,
  ProtocolError,
  Push,
} from './index.ts';

describe('the wire protocol', () => {
  it('[WP1] docs/protocol.md is what the schemas say; `script/parley protocol > docs/protocol.md` renews it', () => {
    expect(readFileSync(new URL('../docs/protocol.md', import.meta.url), 'utf8')).toBe(describeProtocol());
  });

  it('[WP2] a close reason fits the 123 bytes of a close frame and comes back as it went', () => {
    for (const name of Object.keys(CLOSE_CODES) as CloseName[]) {
      const encoded = encodeCloseReason({ name, delayMs: 86_400_000 });
      expect(Buffer.byteLength(encoded)).toBeLessThanOrEqual(123);
      expect(decodeCloseReason(CLOSE_CODES[name], encoded)).toEqual({ name, delayMs: 86_400_000 });
      expect(decodeCloseReason(CLOSE_CODES[name], '')).toEqual({ name });
    }
    expect(decodeCloseReason(1006, '')).toBeUndefined();
  });

  it('[WP3] a push that is encoded once is, with a position in front, the frame that the schema describes', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme', minLength: 1 }), fc.integer({ min: 1 }), (displayName, position) => {
        const user = { userId: 'ada', displayName: displayName.slice(0, 100), headline: '"}', avatarUrl: null, timeZone: null };
        const event: InboxEvent = { type: 'user.changed', user, at: 1 };
        const frame = JSON.parse(encodeInboxPush(position, encodeInboxEvent(event)));
        expect(frame).toEqual({ position, push: 'inbox', event });
        expect(Push.safeParse(frame).success).toBe(!user.displayName.includes('\u0000') && user.displayName.isWellFormed());
      }),
    );
  });

  it('[WP4] an error crosses the wire with its code, verdict and details', () => {
    const error = new ProtocolError('rate_limited', 'Slow down.', { retryAfterMs: 20 });
    const back = ProtocolError.fromWire(error.toWire());
    expect(back).toMatchObject({
      code: 'rate_limited',
      retryable: true,
      status: 429,
      details: { retryAfterMs: 20 },
      message: 'Slow down.',
    });
  });
});
