/** Blocking a person, and undoing that. */
import { useCallback } from 'react';
import { ProtocolError, type User } from '../../../protocol/index.ts';
import { useParley } from '../app/parley.tsx';
import { useReadable } from '../lib/use-readable.ts';
import { firstNameOf } from '../threads/people.ts';
import { useNotify } from '../ui/notices.tsx';

export const useBlock = (person: User): { isBlocked: boolean; block: (blocked: boolean) => void } => {
  const { client } = useParley();
  const notify = useNotify();
  const isBlocked = useReadable(client.blocked).has(person.userId);
  const { userId } = person;
  const name = firstNameOf(person);
  const block = useCallback(
    (blocked: boolean): void => {
      client.block(userId, blocked).then(
        () => {
          const undo = { label: 'Undo', run: () => block(false) };
          notify(blocked ? `${name} is blocked.` : `${name} is no longer blocked.`, {
            done: true,
            ...(blocked ? { action: undo } : {}),
          });
        },
        (error: unknown) => notify(error instanceof ProtocolError ? error.message : 'That could not be done. Try again.'),
      );
    },
    [client, notify, userId, name],
  );
  return { isBlocked, block };
};
