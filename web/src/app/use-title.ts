/** The window's title: who calls, or how much is unread. */
import { useEffect } from 'react';
import { useReadable } from '../lib/use-readable.ts';
import { useParley } from './parley.tsx';

export const useTitle = (): void => {
  const { client, interviews } = useParley();
  const { unread, users } = useReadable(client.inbox);
  const [call] = useReadable(interviews.incoming);
  const caller = call === undefined ? undefined : (users.get(call.startedBy)?.displayName ?? call.startedBy);
  useEffect(() => {
    document.title = caller !== undefined ? `${caller} is calling · Parley` : unread > 0 ? `(${unread}) Parley` : 'Parley';
    return () => {
      document.title = 'Parley';
    };
  }, [caller, unread]);
};
