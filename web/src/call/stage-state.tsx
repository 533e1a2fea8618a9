/** What stands over the pictures of a call: reconnecting, or whom one waits for. */
import type { CallView } from '../../../client/types.ts';
import type { Interview, User, UserId } from '../../../protocol/index.ts';
import { classes } from '../lib/classes.ts';
import { firstNameOf, namesText, unknownUser } from '../threads/people.ts';
import { Spinner } from '../ui/spinner.tsx';
import css from './stage-state.module.css';

interface Props {
  readonly view: CallView;
  readonly interview: Interview;
  readonly users: ReadonlyMap<UserId, User>;
  readonly meId: UserId;
  readonly small: boolean;
}

export const StageState = ({ view, interview, users, meId, small }: Props) => {
  if (view.status === 'reconnecting')
    return (
      <div className={classes(css.over, small && css.small)} data-testid="reconnecting">
        <Spinner size={small ? 20 : 28} />
        <p>Reconnecting…</p>
        {!small && <p className={css.detail}>You stay in the call; it goes on by itself.</p>}
      </div>
    );
  if (view.participants.some(({ isSelf }) => !isSelf)) return null;
  const invited = [interview.startedBy, ...interview.invitedIds].filter((userId) => userId !== meId);
  const names = namesText(invited.map((userId) => firstNameOf(users.get(userId) ?? unknownUser(userId))));
  return (
    <p className={classes(css.waiting, small && css.small)} data-testid="waiting" role="status">
      <i aria-hidden="true" />
      {interview.state === 'ringing' ? `Ringing ${names}…` : `Waiting for ${names}…`}
    </p>
  );
};
