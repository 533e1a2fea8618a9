import { randomUUID } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { createParticipantTokens } from './participant-token.ts';

describe('participant tokens', () => {
  it('[CT23] one gateway’s token is checked by another that knows the secret, and proves nobody else', () => {
    const [here, there] = [createParticipantTokens('one secret'), createParticipantTokens('one secret')];
    const who = { interviewId: randomUUID(), participantId: randomUUID(), userId: 'ada' };
    const token = here.mint(who, 1_800_000_000_000);
    expect(there.verify(who, token)).toBe(1_800_000_000_000);
    const others = [
      { ...who, interviewId: randomUUID() },
      { ...who, participantId: randomUUID() },
      { ...who, userId: 'bob' },
    ];
    for (const other of others) expect(there.verify(other, token)).toBeUndefined();
    expect(createParticipantTokens('another').verify(who, token)).toBeUndefined();
    const [at, signature] = token.split('.');
    for (const forged of [
      '',
      'forged',
      `${at}`,
      `${at}.`,
      `1${at}.${signature}`,
      `${at}.${signature}x`,
      `${at}.${'A'.repeat(43)}`,
    ])
      expect(there.verify(who, forged)).toBeUndefined();
  });
});
