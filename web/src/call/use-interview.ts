/** An interview as it is now, also after it is over: the thread's summary tells of active ones only, its timeline of all. */
import { useEffect } from 'react';
import type { Interview } from '../../../protocol/index.ts';
import { useParley } from '../app/parley.tsx';
import { useReadable } from '../lib/use-readable.ts';

/** `held` is what was known at first. */
export const useInterview = (held: Interview): Interview => {
  const { client } = useParley();
  const thread = client.thread(held.threadId);
  const { items, summary } = useReadable(thread.view);
  useEffect(() => thread.open(), [thread]);
  const told = items.flatMap((item) =>
    item.kind === 'event' && item.event.type === 'interview.changed' && item.event.interview.interviewId === held.interviewId
      ? [item.event.interview]
      : [],
  );
  const active = summary?.interview?.interviewId === held.interviewId ? [summary.interview] : [];
  return [...told, ...active].reduce((newest, one) => (one.version > newest.version ? one : newest), held);
};
