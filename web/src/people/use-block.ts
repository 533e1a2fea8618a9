/** Blocking a person, and undoing that. */
import { useCallback } from 'react';
import { ProtocolError, type User } from '../../../protocol/index.ts';
import { useParley } from '../app/parley.tsx';
import { useReadable } from '../lib/use-readable.ts';
import { firstNameOf } from '../threads/people.ts';
import { useNotify } from '../ui/notices.tsx';

export const useBlock = (person: User | undefined): { isBlocked: boolean; block: (blocked: boolean) => void } => {
  const { client } = useParley();
  const userId = person?.userId ?? '';
  const name = person === undefined ? '' : firstNameOf(person);
  const notify = useNotify();
  const isBlocked = useReadable(client.blocked).has(userId);
  const block = useCallback(
    (blocked: boolean): void => {
      client.block(userId, blocked).then(
        () => {
          if (blocked) notify(`${name} is blocked.`, { undo: () => block(false) });
          else notify(`${name} is no longer blocked.`, { done: true });
        },
        (error: unknown) => notify(error instanceof ProtocolError ? error.message : 'That could not be done. Try again.'),
      );
    },
    [client, notify, userId, name],
  );
  return { isBlocked, block };
};
