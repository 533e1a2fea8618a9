/** The conversation in an element: as in the application, with its calls beside it or over it as there is room. */
import { useEffect } from 'react';
import { useParley } from '../app/parley.tsx';
import type { DeskView } from '../call/call-desk.ts';
import { useDeskView } from '../call/call-provider.tsx';
import { type CallShape, CallStage } from '../call/call-stage.tsx';
import { IncomingCalls } from '../call/incoming-call.tsx';
import { PreJoin } from '../call/pre-join.tsx';
import { Conversation } from '../conversation/conversation.tsx';
import { classes } from '../lib/classes.ts';
import { useReadable } from '../lib/use-readable.ts';
import { useNarrow } from '../ui/surroundings.tsx';
import css from './embed-root.module.css';
import type { Tell } from './host-events.ts';

interface Props {
  readonly threadId: string;
  readonly tell: Tell;
}

export const EmbeddedThread = ({ threadId, tell }: Props) => {
  const desk = useDeskView();
  const isNarrow = useNarrow();
  const shape = callShape(desk, isNarrow);
  useTold(threadId, desk, tell);
  return (
    <>
      <div className={classes(css.stage, shape === 'docked' && css.withCall)}>
        {desk.stage.is === 'call' && shape !== null && (
          <CallStage key={desk.stage.interviewId} stage={desk.stage} shape={shape} />
        )}
        <div className={css.main} inert={shape === 'full'}>
          <Conversation key={threadId} threadId={threadId} />
        </div>
      </div>
      {desk.stage.is === 'prejoin' && <PreJoin key={desk.stage.interviewId} stage={desk.stage} />}
      <IncomingCalls threadId={threadId} />
    </>
  );
};

const callShape = ({ stage, full, minimised }: DeskView, isNarrow: boolean): CallShape | null => {
  if (stage.is !== 'call') return null;
  if (isNarrow) return minimised ? 'mini' : 'full';
  return full ? 'full' : 'docked';
};

/** Tells the page what is unread, how calls stand, and that the thread cannot be shown. */
const useTold = (threadId: string, { stage }: DeskView, tell: Tell): void => {
  const { client } = useParley();
  const { summary, error, items } = useReadable(client.thread(threadId).view);

  const unread = summary?.unread;
  useEffect(() => {
    if (unread !== undefined) tell('parley-unread', { unread });
  }, [unread, tell]);

  useEffect(() => {
    if (error !== undefined) tell('parley-error', { code: error.code, message: error.message });
  }, [error, tell]);

  // An interview that is over is in the timeline alone.
  const last = items.findLast((item) => item.kind === 'event' && item.event.type === 'interview.changed');
  const ended = last?.kind === 'event' && last.event.type === 'interview.changed' ? last.event.interview : null;
  const interview = summary?.interview ?? ended;
  const joined = stage.is === 'call' && stage.interviewId === interview?.interviewId;
  const call = interview === null || interview === undefined ? '' : `${interview.interviewId} ${interview.state} ${joined}`;
  // biome-ignore lint/correctness/useExhaustiveDependencies: `call` is all of it that is told.
  useEffect(() => {
    if (interview === null || interview === undefined) return;
    const { interviewId, media, state, startedBy } = interview;
    tell('parley-call', { interviewId, media, state, startedBy, joined });
  }, [call, tell]);
};
