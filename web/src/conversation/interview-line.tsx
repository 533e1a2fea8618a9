/** An interview in the conversation: how it stands, how it went, and what one can do about it. */
import { Phone, PhoneMissed, Video, VideoOff } from 'lucide-react';
import type { Interview } from '../../../protocol/index.ts';
import { useMe, useParley } from '../app/parley.tsx';
import { useCallDesk, useDeskView } from '../call/call-provider.tsx';
import { fullTime, timeOfDay } from '../lib/time.ts';
import { useReadable } from '../lib/use-readable.ts';
import { Button } from '../ui/button.tsx';
import { usePlace } from '../ui/surroundings.tsx';
import css from './interview-line.module.css';
import { ACTION_TEXT, interviewText } from './interview-text.ts';

const ICONS = {
  video: { calm: Video, live: Video, missed: VideoOff },
  audio: { calm: Phone, live: Phone, missed: PhoneMissed },
} as const;

export const InterviewLine = ({ interview }: { readonly interview: Interview }) => {
  const { client } = useParley();
  const me = useMe();
  const desk = useCallDesk();
  const { stage } = useDeskView();
  const place = usePlace();
  const { users } = useReadable(client.inbox);
  const { text, tone, action } = interviewText(interview, me.userId, users);
  const Icon = ICONS[interview.media][tone];
  const isHere = stage.is !== 'none' && stage.interviewId === interview.interviewId;
  const run = {
    answer: () => desk.answer(interview),
    join: () => desk.enter(interview),
    again: () => desk.call(interview.threadId, interview.media),
  } as const;
  return (
    <li className={css.line} data-tone={tone} data-testid="interview" data-state={interview.state}>
      <span className={css.icon}>
        <Icon aria-hidden size={16} />
      </span>
      <span className={css.text}>{text}</span>
      <time
        className={css.time}
        dateTime={new Date(interview.startedAt).toISOString()}
        title={fullTime(interview.startedAt, place)}
      >
        {timeOfDay(interview.startedAt, place)}
      </time>
      {action !== null && !isHere && (
        <Button size="s" tone={tone === 'live' ? 'success' : 'secondary'} onClick={run[action]}>
          {action === 'again' && interview.startedBy === me.userId ? 'Call again' : ACTION_TEXT[action]}
        </Button>
      )}
    </li>
  );
};
