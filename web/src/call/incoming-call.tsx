/**
 * A call coming in: a card over everything else, that rings. It takes the focus unless one is writing, so that no key press
 * meant for a message answers or declines.
 */
import { Phone, PhoneOff, Video } from 'lucide-react';
import { useEffect, useId, useRef } from 'react';
import type { Interview, ThreadId } from '../../../protocol/index.ts';
import { useParley } from '../app/parley.tsx';
import { focusedBeside, isFocusLost, isWriting } from '../lib/focus.ts';
import { useReadable } from '../lib/use-readable.ts';
import { unknownUser } from '../threads/people.ts';
import { useAnnounce } from '../ui/announcer.tsx';
import { Avatar } from '../ui/avatar.tsx';
import { Button } from '../ui/button.tsx';
import { Overlaid } from '../ui/overlaid.tsx';
import { useSurroundings } from '../ui/surroundings.tsx';
import { useCallDesk, useDeskView } from './call-provider.tsx';
import css from './incoming-call.module.css';
import { startRingTone } from './ring-tone.ts';

/** Of one conversation, where that is all that is shown. */
export const IncomingCalls = ({ threadId }: { readonly threadId?: ThreadId }) => {
  const { interviews } = useParley();
  const incoming = useReadable(interviews.incoming);
  const { stage } = useDeskView();
  const [first] = incoming.filter(
    (interview) =>
      (stage.is === 'none' || stage.interviewId !== interview.interviewId) &&
      (threadId === undefined || threadId === interview.threadId),
  );
  return first === undefined ? null : <IncomingCall key={first.interviewId} interview={first} busy={stage.is !== 'none'} />;
};

const IncomingCall = ({ interview, busy }: { readonly interview: Interview; readonly busy: boolean }) => {
  const { client } = useParley();
  const desk = useCallDesk();
  const announce = useAnnounce();
  const { isWindow } = useSurroundings();
  const { users, threads } = useReadable(client.inbox);
  const titleId = useId();
  const textId = useId();
  const card = useRef<HTMLDivElement>(null);
  const caller = users.get(interview.startedBy) ?? unknownUser(interview.startedBy);
  const kind = interview.media === 'video' ? 'Video call' : 'Audio call';
  const topic = threads.find(({ threadId }) => threadId === interview.threadId)?.proposal?.jobTitle ?? caller.headline;

  useEffect(() => {
    announce(`${kind} from ${caller.displayName}`, 'assertive');
    const box = card.current;
    if (box === null) return;
    const before = focusedBeside(box);
    // What is not ours keeps the focus that it has.
    if (!isWriting() && (isWindow || before !== null)) box.focus();
    return () => {
      if (isFocusLost() && before instanceof HTMLElement && before.isConnected) before.focus();
    };
  }, [announce, kind, caller.displayName, isWindow]);

  // In the middle of another call a ring would be heard by everybody in it.
  useEffect(() => (busy ? undefined : startRingTone()), [busy]);

  return (
    <Overlaid>
      <div
        ref={card}
        className={css.card}
        role="alertdialog"
        aria-labelledby={titleId}
        aria-describedby={textId}
        tabIndex={-1}
        data-testid="incoming"
      >
        <div className={css.person}>
          <span className={css.ring}>
            <Avatar user={caller} size="l" />
          </span>
          <div className={css.text}>
            <h2 id={titleId}>{caller.displayName}</h2>
            <p id={textId}>
              <span>{kind}</span>
              {topic !== '' && <span className={css.topic}> · {topic}</span>}
            </p>
          </div>
        </div>
        {busy && <p className={css.note}>Answering leaves the call you are in.</p>}
        <div className={css.actions}>
          <Button tone="danger" icon={PhoneOff} data-testid="decline" onClick={() => desk.decline(interview)}>
            Decline
          </Button>
          <Button
            tone="success"
            icon={interview.media === 'video' ? Video : Phone}
            data-testid="answer"
            onClick={() => desk.answer(interview)}
          >
            Answer
          </Button>
        </div>
      </div>
    </Overlaid>
  );
};
