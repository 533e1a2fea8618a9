import { describe, expect, it } from 'vitest';
import { type Interview, type Message, NO_MARKS, type ThreadSummary, type User } from '../../../protocol/index.ts';
import { namesText, threadName, threadTopic } from './people.ts';
import { previewOf } from './preview.ts';

const user = (userId: string, displayName: string): User => ({
  userId,
  displayName,
  headline: 'Illustrator',
  avatarUrl: null,
  timeZone: null,
});
const users = new Map(
  [user('ana', 'Ana Lima'), user('ben', 'Ben Okoro'), user('cleo', 'Cleo Marsh')].map((one) => [one.userId, one]),
);
const member = (userId: string) => ({ userId, role: 'member' as const, readOffset: 0, joinedAt: 0 });
const message = (senderId: string, body: string, deletedAt: number | null = null): Message => ({
  threadId: 't',
  offset: 2,
  senderId,
  clientMessageId: 'message-1',
  body,
  postedAt: 0,
  editedAt: null,
  deletedAt,
});
const thread = (part: Partial<ThreadSummary> = {}): ThreadSummary => ({
  threadId: 't',
  kind: 'direct',
  title: '',
  members: [member('ana'), member('ben')],
  proposal: null,
  contracts: [],
  marks: NO_MARKS,
  head: 2,
  lastMessage: message('ben', 'Hello\n  there'),
  unread: 0,
  interview: null,
  openedAt: 0,
  activeAt: 0,
  ...part,
});
const interview = (state: 'ringing' | 'live', startedBy: string): Interview => ({
  interviewId: 'i',
  threadId: 't',
  media: 'video',
  state,
  version: 1,
  startedBy,
  startedAt: 0,
  invitedIds: [],
  declinedIds: [],
  ringsUntil: 0,
  answeredBy: null,
  answeredAt: null,
  endedBy: null,
  endedAt: null,
});
const known = { meId: 'ana', users, typing: [], draft: '' };

describe('a row of the thread list', () => {
  it('[WEB7] shows the last message on one line, with its sender when that is not plain', () => {
    expect(previewOf(thread(), known)).toMatchObject({ text: 'Hello there' });
    expect(previewOf(thread({ lastMessage: message('ana', 'Hi') }), known)).toMatchObject({ text: 'You: Hi' });
    const group = thread({ kind: 'group', members: [member('ana'), member('ben'), member('cleo')] });
    expect(previewOf(group, known)).toMatchObject({ text: 'Ben: Hello there' });
    expect(previewOf(thread({ lastMessage: message('ben', '', 5) }), known)).toMatchObject({ text: 'Message deleted' });
  });

  it('[WG10] shows what is hidden as such', () => {
    const masked = { ...message('ben', 'Write to •••••'), masked: [{ start: 9, end: 14, category: 'email' as const }] };
    expect(previewOf(thread({ lastMessage: masked }), known)).toMatchObject({ text: 'Write to [hidden]' });
  });

  it('[WEB7] shows a call before typing, typing before a draft, a draft before the last message', () => {
    const everything = { ...known, typing: ['ben'], draft: 'Maybe' };
    expect(previewOf(thread({ interview: interview('ringing', 'ben') }), everything)).toMatchObject({
      kind: 'call',
      text: 'Incoming video call',
    });
    expect(previewOf(thread({ interview: interview('ringing', 'ana') }), everything)).toMatchObject({ text: 'Calling…' });
    expect(previewOf(thread({ interview: interview('live', 'ben') }), everything)).toMatchObject({ kind: 'call', live: true });
    expect(previewOf(thread(), everything)).toEqual({ kind: 'typing', text: 'Typing…' });
    expect(previewOf(thread(), { ...known, draft: 'Maybe' })).toEqual({ kind: 'draft', text: 'Maybe' });
  });

  it('[WEB7] is named after the other people, or by a group’s title', () => {
    expect(threadName(thread(), 'ana', users)).toBe('Ben Okoro');
    const members = [member('ana'), member('ben'), member('cleo')];
    expect(threadName(thread({ kind: 'group', members }), 'ana', users)).toBe('Ben and Cleo');
    expect(threadName(thread({ kind: 'group', members, title: 'Launch' }), 'ana', users)).toBe('Launch');
    expect(threadTopic(thread(), 'ana', users)).toBe('Illustrator');
    expect(threadTopic(thread({ kind: 'group', members, title: 'Launch' }), 'ana', users)).toBe('3 people');
    const left = thread({ kind: 'group', members: [member('ana')] });
    expect([threadName(left, 'ana', users), threadTopic(left, 'ana', users)]).toEqual(['Just you', '']);
    const titled = { ...left, title: 'Launch' };
    expect([threadName(titled, 'ana', users), threadTopic(titled, 'ana', users)]).toEqual(['Launch', 'Just you']);
    expect(namesText(['Ana', 'Ben', 'Cleo', 'Dov'])).toBe('Ana, Ben, and 2 others');
  });
});
