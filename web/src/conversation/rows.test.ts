import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { TimelineItem } from '../../../client/types.ts';
import type { Interview, Message } from '../../../protocol/index.ts';
import { type Row, rowsOf } from './rows.ts';

const NOON = Date.UTC(2026, 10, 20, 12);
const MINUTE = 60_000;
const UTC = { timeZone: 'UTC' };

const posted = (offset: number, senderId: string, at: number, part: Partial<Message> = {}): TimelineItem => ({
  kind: 'event',
  key: `m${offset}`,
  event: {
    type: 'message.posted',
    threadId: 't',
    offset,
    at,
    actorId: senderId,
    message: {
      threadId: 't',
      offset,
      senderId,
      clientMessageId: `message-${offset}`,
      body: `${offset}`,
      postedAt: at,
      editedAt: null,
      deletedAt: null,
      ...part,
    },
  },
});

const pending = (key: string, createdAt: number, state: 'queued' | 'sending' | 'failed' = 'queued'): TimelineItem => ({
  kind: 'pending',
  key,
  message: { clientMessageId: key, body: key, createdAt, state },
});

const changed = (offset: number, state: Interview['state'], at: number, interviewId = 'i'): TimelineItem => ({
  kind: 'event',
  key: `i${offset}`,
  event: {
    type: 'interview.changed',
    threadId: 't',
    offset,
    at,
    actorId: null,
    interview: {
      interviewId,
      threadId: 't',
      media: 'video',
      state,
      version: offset,
      startedBy: 'ben',
      startedAt: at,
      invitedIds: ['ana'],
      declinedIds: [],
      ringsUntil: at,
      answeredBy: null,
      answeredAt: null,
      endedBy: null,
      endedAt: null,
    },
  },
});

const rows = (items: readonly TimelineItem[], unreadAfter: number | null = null): Row[] =>
  rowsOf(items, { meId: 'ana', unreadAfter, place: UTC });
const shape = (list: readonly Row[]): string[] =>
  list.map((row) => (row.kind === 'message' ? `${row.first ? '[' : ''}${row.senderId}${row.last ? ']' : ''}` : row.kind));

describe('the rows of a conversation', () => {
  it('[WEB9] messages of one person within five minutes are one group', () => {
    const items = [
      posted(1, 'ben', NOON),
      posted(2, 'ben', NOON + 4 * MINUTE),
      posted(3, 'ben', NOON + 9 * MINUTE),
      posted(4, 'ana', NOON + 9 * MINUTE),
      pending('p', NOON + 10 * MINUTE),
    ];
    expect(shape(rows(items))).toEqual(['day', '[ben', 'ben]', '[ben]', '[ana', 'ana]']);
  });

  it('[WEB9] whatever stands between two messages parts their group', () => {
    const items = [posted(1, 'ben', NOON), changed(2, 'missed', NOON + MINUTE), posted(3, 'ben', NOON + 2 * MINUTE)];
    expect(shape(rows(items))).toEqual(['day', '[ben]', 'interview', '[ben]']);
  });

  it('[WEB1] each day begins with a day break', () => {
    const midnight = Date.UTC(2026, 10, 21);
    const items = [posted(1, 'ben', midnight - 1), posted(2, 'ben', midnight + 1), posted(3, 'ben', midnight + 2)];
    expect(shape(rows(items))).toEqual(['day', '[ben]', 'day', '[ben', 'ben]']);
  });

  it('[WEB10] the unread mark stands once, before the first unread message of somebody else', () => {
    const items = [
      posted(1, 'ben', NOON),
      posted(2, 'ana', NOON + MINUTE),
      posted(3, 'ben', NOON + 2 * MINUTE, { deletedAt: NOON }),
      posted(4, 'ben', NOON + 3 * MINUTE),
      posted(5, 'ben', NOON + 4 * MINUTE),
    ];
    expect(shape(rows(items, 1))).toEqual(['day', '[ben]', '[ana]', '[ben]', 'unread', '[ben', 'ben]']);
    expect(shape(rows(items, 5))).not.toContain('unread');
    expect(shape(rows(items, null))).not.toContain('unread');
  });

  it('[WEB11] an interview is one line, where it began, and says how it stands', () => {
    const items = [
      changed(1, 'ringing', NOON),
      changed(2, 'live', NOON + MINUTE),
      posted(3, 'ben', NOON + 2 * MINUTE),
      changed(4, 'ended', NOON + 3 * MINUTE),
      changed(5, 'ringing', NOON + 4 * MINUTE, 'j'),
    ];
    const found = rows(items);
    expect(shape(found)).toEqual(['day', 'interview', '[ben]', 'interview']);
    expect(found.flatMap((row) => (row.kind === 'interview' ? [row.interview.state] : []))).toEqual(['ended', 'ringing']);
  });

  it('[WEB12] a message keeps its key while it is on its way, refused and sent', () => {
    const keys = [pending('m7', NOON), pending('m7', NOON, 'failed'), posted(7, 'ana', NOON)].map((item) => rows([item])[1]?.key);
    expect(new Set(keys)).toEqual(new Set(['m7']));
    expect(
      rows([pending('a', NOON, 'sending'), pending('b', NOON, 'failed')]).flatMap((row) =>
        row.kind === 'message' ? [row.shown.state] : [],
      ),
    ).toEqual(['pending', 'failed']);
  });

  it('[WEB9] whatever the timeline: no message is lost, keys are unique, every group has one first and one last', () => {
    const item = fc.record({
      sender: fc.constantFrom('ana', 'ben'),
      gap: fc.integer({ min: 0, max: 20 * MINUTE }),
      call: fc.boolean(),
    });
    fc.assert(
      fc.property(fc.array(item, { maxLength: 60 }), fc.option(fc.nat(60)), (steps, unreadAfter) => {
        let at = NOON;
        const items = steps.map(({ sender, gap, call }, index) => {
          at += gap;
          return call ? changed(index + 1, 'ended', at, `i${index}`) : posted(index + 1, sender, at);
        });
        const found = rows(items, unreadAfter);
        expect(found.filter((row) => row.kind === 'message' || row.kind === 'interview')).toHaveLength(items.length);
        expect(new Set(found.map((row) => row.key)).size).toBe(found.length);
        let open = false;
        for (const row of found) {
          if (row.kind !== 'message') continue;
          expect(row.first).toBe(!open);
          open = !row.last;
        }
        expect(open).toBe(false);
      }),
    );
  });
});
