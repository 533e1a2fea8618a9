/** What a conversation says of an interview, and what one can still do about it. */
import type { Interview, User, UserId } from '../../../protocol/index.ts';
import { durationText } from '../lib/time.ts';
import { firstNameOf, unknownUser } from '../threads/people.ts';

export interface InterviewText {
  readonly text: string;
  readonly tone: 'calm' | 'live' | 'missed';
  /** `answer` rings for this person; `join` is live or one's own call; `again` calls once more. */
  readonly action: 'answer' | 'join' | 'again' | null;
}

export const interviewText = (interview: Interview, meId: UserId, users: ReadonlyMap<UserId, User>): InterviewText => {
  const noun = interview.media === 'video' ? 'Video' : 'Audio';
  const isMine = interview.startedBy === meId;
  const name = (userId: UserId): string => (userId === meId ? 'You' : firstNameOf(users.get(userId) ?? unknownUser(userId)));
  switch (interview.state) {
    case 'ringing':
      return isMine
        ? { text: `Calling ${ringsFor(interview, name)}…`, tone: 'live', action: 'join' }
        : { text: `${name(interview.startedBy)} is calling`, tone: 'live', action: 'answer' };
    case 'live':
      return { text: `${noun} interview in progress`, tone: 'live', action: 'join' };
    case 'ended': {
      const lasted = (interview.endedAt ?? 0) - (interview.answeredAt ?? interview.endedAt ?? 0);
      return { text: `${noun} interview · ${durationText(lasted)}`, tone: 'calm', action: null };
    }
    case 'missed':
      return isMine
        ? { text: `No answer to your ${noun.toLowerCase()} call`, tone: 'missed', action: 'again' }
        : { text: `Missed ${noun.toLowerCase()} call`, tone: 'missed', action: 'again' };
    case 'cancelled':
      return isMine
        ? { text: `You cancelled the ${noun.toLowerCase()} call`, tone: 'calm', action: null }
        : { text: `Missed ${noun.toLowerCase()} call`, tone: 'missed', action: 'again' };
    case 'declined':
      return isMine
        ? {
            text: `${interview.endedBy === null ? 'The call was declined' : `${name(interview.endedBy)} declined`}`,
            tone: 'calm',
            action: 'again',
          }
        : { text: `You declined the ${noun.toLowerCase()} call`, tone: 'calm', action: 'again' };
  }
};

const ringsFor = ({ invitedIds }: Interview, name: (userId: UserId) => string): string =>
  invitedIds.length === 1 ? name(invitedIds[0] ?? '') : `${invitedIds.length} people`;

/** What the button of an action says. */
export const ACTION_TEXT = { answer: 'Answer', join: 'Join', again: 'Call back' } as const;

export const isRingingFor = (interview: Interview, userId: UserId): boolean =>
  interview.state === 'ringing' && interview.startedBy !== userId && !interview.declinedIds.includes(userId);
