import { expect, it } from 'vitest';
import type { Interview, User } from '../../../protocol/index.ts';
import { interviewText, isRingingFor } from './interview-text.ts';

const users = new Map(
  [
    ['ana', 'Ana Lima'],
    ['ben', 'Ben Okoro'],
  ].map(([userId = '', displayName = '']): [string, User] => [
    userId,
    { userId, displayName, headline: '', avatarUrl: null, timeZone: null },
  ]),
);
const interview = (part: Partial<Interview>): Interview => ({
  interviewId: 'i',
  threadId: 't',
  media: 'video',
  state: 'ringing',
  version: 1,
  startedBy: 'ben',
  startedAt: 0,
  invitedIds: ['ana'],
  declinedIds: [],
  ringsUntil: 0,
  answeredBy: null,
  answeredAt: null,
  endedBy: null,
  endedAt: null,
  ...part,
});
const asCallee = (part: Partial<Interview>) => interviewText(interview(part), 'ana', users);
const asCaller = (part: Partial<Interview>) => interviewText(interview(part), 'ben', users);

it('[WEB11] an interview that was held says how long it took', () => {
  const held = { state: 'ended', startedAt: 0, answeredAt: 10_000, endedAt: 730_000 } as const;
  expect(asCallee(held)).toEqual({ text: 'Video interview · 12 min', tone: 'calm', action: null });
  expect(asCaller({ ...held, media: 'audio' }).text).toBe('Audio interview · 12 min');
});

it('[WEB11] a call that did not come about says why to each side, and can be made again', () => {
  expect(asCallee({ state: 'missed' })).toEqual({ text: 'Missed video call', tone: 'missed', action: 'again' });
  expect(asCaller({ state: 'missed' })).toEqual({ text: 'No answer to your video call', tone: 'missed', action: 'again' });
  expect(asCallee({ state: 'cancelled', endedBy: 'ben' })).toMatchObject({ text: 'Missed video call', action: 'again' });
  expect(asCaller({ state: 'cancelled', endedBy: 'ben' })).toMatchObject({ text: 'You cancelled the video call' });
  expect(asCallee({ state: 'declined', endedBy: 'ana' })).toMatchObject({ text: 'You declined the video call' });
  expect(asCaller({ state: 'declined', endedBy: 'ana' })).toMatchObject({ text: 'Ana declined', action: 'again' });
});

it('[WEB11] a call that rings or is live can be answered or joined from the conversation', () => {
  expect(asCallee({})).toMatchObject({ text: 'Ben is calling', action: 'answer' });
  expect(asCaller({})).toMatchObject({ text: 'Calling Ana…', action: 'join' });
  expect(asCallee({ state: 'live' })).toMatchObject({ text: 'Video interview in progress', action: 'join' });
  expect(isRingingFor(interview({}), 'ana')).toBe(true);
  expect(isRingingFor(interview({}), 'ben')).toBe(false);
  expect(isRingingFor(interview({ declinedIds: ['ana'] }), 'ana')).toBe(false);
});
