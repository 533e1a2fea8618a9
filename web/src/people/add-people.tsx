/** "Add people": to the conversation where that is allowed, or else in a new group with them. */
import { Users } from 'lucide-react';
import { useId, useMemo, useState } from 'react';
import { MAX_MEMBERS, type ThreadSummary, type UserId } from '../../../protocol/index.ts';
import { useMe, useParley } from '../app/parley.tsx';
import { useReadable } from '../lib/use-readable.ts';
import { firstNameOf, namesText, othersOf } from '../threads/people.ts';
import { Avatar } from '../ui/avatar.tsx';
import { Button } from '../ui/button.tsx';
import { Dialog, DialogActions, DialogBody } from '../ui/dialog.tsx';
import css from './add-people.module.css';
import { contactsBeside, mayAdd, whyNot } from './may-add.ts';
import { useAdding } from './use-adding.ts';

interface Props {
  readonly thread: ThreadSummary;
  readonly onClose: () => void;
  /** They are in this conversation now. */
  readonly onAdded: (threadId: string) => void;
}

export const AddPeople = ({ thread, onClose, onAdded }: Props) => {
  const { client } = useParley();
  const me = useMe();
  const { threads, marked, users } = useReadable(client.inbox);
  const [chosen, setChosen] = useState<ReadonlySet<UserId>>(new Set());
  const [title, setTitle] = useState('');
  const { isBusy, error, add } = useAdding(thread);
  const id = useId();
  const contacts = useMemo(() => contactsBeside(thread, [...threads, ...marked], users), [thread, threads, marked, users]);
  const isJoining = mayAdd(thread, me.userId);
  const present = namesText(othersOf(thread, me.userId, users).map(firstNameOf));
  const room = MAX_MEMBERS - thread.members.length;

  const toggle = (userId: UserId): void =>
    setChosen((before) => {
      const next = new Set(before);
      if (!next.delete(userId)) next.add(userId);
      return next;
    });
  const submit = async (): Promise<void> => {
    if (chosen.size === 0 || isBusy) return;
    const threadId = await add([...chosen], isJoining ? null : { title: title.trim() });
    if (threadId !== null) onAdded(threadId);
  };

  return (
    <Dialog title={isJoining ? 'Add people' : 'New group conversation'} onClose={onClose}>
      <DialogBody>
        <p className={css.note} data-testid="add-note">
          {isJoining
            ? 'They will see everything that was written here, from the beginning.'
            : `${whyNot(thread)} A new group has you, ${present} and whom you choose; it begins without what was written here.`}
        </p>
        {contacts.length === 0 ? (
          <p className={css.none}>
            <Users aria-hidden size={18} />
            You have no other conversations yet. People you talk to can be added here.
          </p>
        ) : (
          <fieldset className={css.people}>
            <legend className="unseen">People you know</legend>
            {contacts.map((person, index) => (
              <label key={person.userId} className={css.person}>
                <Avatar user={person} size="s" />
                <span className={css.who}>
                  <b>{person.displayName}</b>
                  {person.headline !== '' && <span>{person.headline}</span>}
                </span>
                <input
                  type="checkbox"
                  data-autofocus={index === 0 || undefined}
                  data-testid={`choose-${person.userId}`}
                  checked={chosen.has(person.userId)}
                  disabled={!chosen.has(person.userId) && chosen.size >= room}
                  onChange={() => toggle(person.userId)}
                />
              </label>
            ))}
          </fieldset>
        )}
        {!isJoining && contacts.length > 0 && (
          <div className={css.title}>
            <label htmlFor={`${id}-title`}>Name of the group</label>
            <input
              id={`${id}-title`}
              type="text"
              maxLength={200}
              value={title}
              placeholder="Everyone’s names, if you leave it empty"
              data-testid="group-title"
              onChange={(event) => setTitle(event.target.value)}
              onKeyDown={(event) => {
                if (event.key === 'Enter' && !event.nativeEvent.isComposing) void submit();
              }}
            />
          </div>
        )}
        {error !== null && (
          <p role="alert" className={css.error}>
            {error}
          </p>
        )}
      </DialogBody>
      <DialogActions>
        <Button onClick={onClose}>Cancel</Button>
        <Button tone="primary" busy={isBusy} disabled={chosen.size === 0} data-testid="add-people" onClick={() => void submit()}>
          {isJoining ? 'Add to the conversation' : 'Open the group'}
        </Button>
      </DialogActions>
    </Dialog>
  );
};
