/** A call that did not come about, or broke for good: why, and what one can do. */
import { PhoneMissed, TriangleAlert } from 'lucide-react';
import type { CallView } from '../../../client/types.ts';
import type { Interview, User, UserId } from '../../../protocol/index.ts';
import { useMe } from '../app/parley.tsx';
import { interviewText } from '../conversation/interview-text.ts';
import { Button } from '../ui/button.tsx';
import css from './call-over.module.css';
import { useCallDesk } from './call-provider.tsx';

interface Props {
  readonly interview: Interview;
  readonly view: CallView;
  readonly users: ReadonlyMap<UserId, User>;
}

export const CallOver = ({ interview, view, users }: Props) => {
  const desk = useCallDesk();
  const me = useMe();
  const broke = view.status === 'failed';
  const isLive = interview.state === 'live';
  const { text, action } = interviewText(interview, me.userId, users);
  const Icon = broke ? TriangleAlert : PhoneMissed;
  return (
    <div className={css.over} role="alert" data-testid="call-over">
      <span className={css.icon}>
        <Icon aria-hidden size={26} />
      </span>
      <h2>{broke ? 'The call could not go on' : text}</h2>
      {broke && <p>{view.error?.message}</p>}
      <div className={css.actions}>
        <Button size="l" onClick={desk.close}>
          Close
        </Button>
        {isLive && (
          <Button size="l" tone="success" onClick={() => desk.enter(interview)}>
            Join again
          </Button>
        )}
        {!isLive && action === 'again' && (
          <Button size="l" tone="success" onClick={() => desk.call(interview.threadId, interview.media)}>
            Call again
          </Button>
        )}
      </div>
    </div>
  );
};
