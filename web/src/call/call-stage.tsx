/**
 * The call on screen: people, state and controls. One component in every shape (beside the conversation, filling the window, a
 * small picture over it), so that pictures go on when the shape changes.
 */
import { Maximize2, MicOff, PhoneOff } from 'lucide-react';
import { useEffect, useRef } from 'react';
import type { CallParticipant } from '../../../client/types.ts';
import type { Interview, ThreadSummary, UserId } from '../../../protocol/index.ts';
import { useMe, useParley } from '../app/parley.tsx';
import { useNavigate } from '../app/route.ts';
import { classes } from '../lib/classes.ts';
import { isFocusLost } from '../lib/focus.ts';
import { clockText } from '../lib/time.ts';
import { SECOND_MS, useNow } from '../lib/use-now.ts';
import { useReadable } from '../lib/use-readable.ts';
import { threadName } from '../threads/people.ts';
import { IconButton } from '../ui/button.tsx';
import { useNarrow, useSurroundings } from '../ui/surroundings.tsx';
import { CallBar } from './call-bar.tsx';
import type { Stage } from './call-desk.ts';
import { CallOver } from './call-over.tsx';
import { useCallDesk } from './call-provider.tsx';
import css from './call-stage.module.css';
import { RemoteAudio } from './remote-audio.tsx';
import { StageState } from './stage-state.tsx';
import { Tiles } from './tiles.tsx';
import { useAnnouncedCall } from './use-announced-call.ts';
import { useCallControls } from './use-call-controls.ts';
import { useCallKeys } from './use-call-keys.ts';
import { useInterview } from './use-interview.ts';

export type CallShape = 'docked' | 'full' | 'mini';

interface Props {
  readonly stage: Extract<Stage, { is: 'call' }>;
  readonly shape: CallShape;
}

export const CallStage = ({ stage, shape }: Props) => {
  const { client } = useParley();
  const me = useMe();
  const desk = useCallDesk();
  const navigate = useNavigate();
  const { isWindow } = useSurroundings();
  const isNarrow = useNarrow();
  const { call, threadId } = stage;
  const view = useReadable(call.view);
  const { users, threads } = useReadable(client.inbox);
  const interview = useInterview(stage.interview);
  const thread = threads.find((one) => one.threadId === threadId);
  const self = view.participants.find(({ isSelf }) => isSelf);
  const controls = useCallControls(call, self);
  const region = useRef<HTMLElement>(null);
  const isOver = view.status === 'left' || view.status === 'ended' || view.status === 'failed';
  useAnnouncedCall(view, users);

  useEffect(() => {
    region.current?.focus();
    return () => {
      // After what the call covered has ceased to be inert.
      setTimeout(() => {
        if (isWindow && isFocusLost()) document.getElementById('main')?.focus();
      });
    };
  }, [isWindow]);

  // A call that was held and ended needs no last words: the conversation says how long it was.
  const isDone = view.status === 'left' || (view.status === 'ended' && interview.state === 'ended');
  useEffect(() => {
    if (isDone) desk.close();
  }, [isDone, desk]);

  const changeShape = (): void => {
    if (isNarrow) desk.setMinimised(true);
    else desk.setFull(shape !== 'full');
  };
  useCallKeys(region, {
    M: controls.toggleMicrophone,
    V: controls.toggleCamera,
    ...(shape === 'full' ? { Escape: changeShape } : {}),
  });

  const name = thread === undefined ? '' : threadName(thread, me.userId, users);
  const returnToCall = (): void => {
    desk.setMinimised(false);
    if (isWindow) navigate({ page: 'thread', threadId });
  };

  return (
    <section
      ref={region}
      className={classes(css.call, css[shape])}
      aria-label={`${interview.media === 'video' ? 'Video' : 'Audio'} call with ${name}`}
      tabIndex={-1}
      data-testid="call"
      data-status={view.status}
      data-shape={shape}
    >
      {isOver ? (
        !isDone && <CallOver interview={interview} view={view} users={users} />
      ) : (
        <>
          {shape !== 'mini' && (
            <header className={css.header}>
              <h2>{name}</h2>
              <Timer interview={interview} />
              {controls.screen && <span className={css.sharing}>You are sharing your screen</span>}
              <SelfQuality self={self} />
            </header>
          )}
          <div className={css.stage}>
            <Tiles call={call} view={view} users={users} miniature={shape === 'mini'} />
            <StageState view={view} interview={interview} users={users} meId={me.userId} small={shape === 'mini'} />
          </div>
          {shape === 'mini' ? (
            <div className={css.miniBar}>
              <button type="button" className={css.return} onClick={returnToCall}>
                <Maximize2 aria-hidden size={15} />
                <span>Back to the call</span>
              </button>
              {!controls.microphone && <MicOff aria-label="You are muted" size={15} />}
              <IconButton
                label="Leave"
                icon={PhoneOff}
                tone="danger"
                size="s"
                tip="none"
                data-testid="leave"
                onClick={() => desk.leave()}
              />
            </div>
          ) : (
            <footer className={css.footer}>
              <CallBar
                controls={controls}
                mayEnd={mayEndForAll(interview, thread, me.userId)}
                shape={isNarrow ? 'phone' : shape}
                onShape={changeShape}
                onLeave={() => desk.leave()}
                onEnd={() => desk.endForAll()}
              />
            </footer>
          )}
          <RemoteAudio participants={view.participants} />
        </>
      )}
    </section>
  );
};

/** Between two, either ends it; in a larger call, who started it and who runs the thread. The server decides by the same rule. */
const mayEndForAll = (interview: Interview, thread: ThreadSummary | undefined, meId: UserId): boolean =>
  interview.invitedIds.length === 1 ||
  interview.startedBy === meId ||
  (thread?.members.find(({ userId }) => userId === meId)?.role ?? 'member') !== 'member';

const Timer = ({ interview }: { readonly interview: Interview }) => {
  const now = useNow(SECOND_MS);
  if (interview.answeredAt === null) return null;
  return (
    <span className={css.timer} role="timer" aria-label="Length of the call">
      {clockText(now - interview.answeredAt)}
    </span>
  );
};

const SelfQuality = ({ self }: { readonly self: CallParticipant | undefined }) =>
  self === undefined || self.quality === 'good' || !self.connected ? null : (
    <span className={css.quality} data-quality={self.quality} role="status">
      {self.quality === 'bad' ? 'Your connection is very weak' : 'Your connection is weak'}
    </span>
  );
