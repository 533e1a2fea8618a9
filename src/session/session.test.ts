import { describe, expect, it } from 'vitest';
import type { CloseReason } from '../../protocol/index.ts';
import type { Socket } from '../socket/socket.ts';
import { createRateLimit } from './rate-limit.ts';
import { createSession } from './session.ts';

const limits = { maxBackpressureBytes: 1_000, requestsPerSecond: 10, requestBurst: 20 };

const setUp = (buffered: number) => {
  const sent: string[] = [];
  const closes: CloseReason[] = [];
  const counts = { slow: 0, dropped: [] as string[] };
  const socket: Socket = {
    socketId: 1,
    send: (frame) => buffered <= limits.maxBackpressureBytes && sent.push(frame) > 0,
    bufferedBytes: () => buffered,
    close: (reason) => void closes.push(reason),
  };
  const session = createSession({
    sessionId: 'session-1',
    userId: 'ada',
    resumeToken: 'token-1',
    limits,
    onSlow: () => {
      counts.slow += 1;
    },
    onDropped: (kind) => void counts.dropped.push(kind),
  });
  session.socket = socket;
  return { session, sent, counts };
};

describe('a session and its socket', () => {
  it('[DE9] [SE28] typing is dropped from an eighth of the limit, presence from a quarter, durable pushes and replies never', () => {
    const sentWith = (buffered: number) => {
      const { session, sent, counts } = setUp(buffered);
      session.push('typing', 'typing');
      session.push('presence', 'presence');
      session.push('message', 'durable');
      session.send('reply');
      return { sent, ...counts };
    };
    expect(sentWith(125)).toEqual({ sent: ['typing', 'presence', 'message', 'reply'], slow: 0, dropped: [] });
    expect(sentWith(126)).toEqual({ sent: ['presence', 'message', 'reply'], slow: 0, dropped: ['typing'] });
    expect(sentWith(251)).toEqual({ sent: ['message', 'reply'], slow: 0, dropped: ['typing', 'presence'] });
  });

  it('[DE9] [SE28] over the limit a durable push closes the socket instead of being lost in silence', () => {
    const { session, sent, counts } = setUp(1_001);
    session.push('typing', 'typing');
    session.push('message', 'durable');
    expect(sent).toEqual([]);
    expect(counts).toEqual({ slow: 1, dropped: ['typing'] });
  });

  it('[SE7] without a socket nothing is sent, and nothing fails', () => {
    const { session, counts } = setUp(0);
    session.socket = undefined;
    session.push('message', 'durable');
    session.send('reply');
    expect(counts).toEqual({ slow: 0, dropped: [] });
  });
});

describe('the rate limit', () => {
  it('[SE17] gives a burst, then the sustained rate, and says how long to wait', () => {
    const limit = createRateLimit({ perSecond: 10, burst: 3 });
    expect([limit.take(0), limit.take(0), limit.take(0)]).toEqual([0, 0, 0]);
    expect(limit.take(0)).toBe(100);
    expect(limit.take(50)).toBe(50);
    expect(limit.take(100)).toBe(0);
    expect(limit.take(100)).toBe(100);
    expect([limit.take(10_000), limit.take(10_000), limit.take(10_000)]).toEqual([0, 0, 0]);
    expect(limit.take(10_000)).toBe(100);
  });

  it('[SE17] what costs more takes more, and never more than a burst', () => {
    const limit = createRateLimit({ perSecond: 10, burst: 12 });
    expect(limit.take(0, 10)).toBe(0);
    expect(limit.take(0, 10)).toBe(800);
    expect(limit.take(0)).toBe(0);
    expect(createRateLimit({ perSecond: 10, burst: 3 }).take(0, 10)).toBe(0);
  });

  it('[SE17] a clock that steps back gives nothing away', () => {
    const limit = createRateLimit({ perSecond: 10, burst: 1 });
    expect(limit.take(1_000)).toBe(0);
    expect(limit.take(0)).toBe(100);
    expect(limit.take(50)).toBe(50);
  });
});
