/** Appending to a thread that this transaction has locked; see functions.ts. */
import { ACTIVITY_TYPES, type UserId } from '../../../protocol/index.ts';
import { type KeptEvent, payloadOf } from '../events.ts';
import type { Delivery } from '../store.ts';
import type { Queryable } from './database.ts';

export type Positions = readonly (readonly [userId: UserId, position: number])[];

const ACTIVITY: ReadonlySet<string> = new Set(ACTIVITY_TYPES);

export const appendEvent = async (
  tx: Queryable,
  { thread, actor, event, inboxKeep }: { thread: number; actor: number | null; event: KeptEvent; inboxKeep: number },
): Promise<Delivery> => {
  const { positions } = (await tx.get<{ positions: Positions }>(
    'SELECT positions FROM append_event($1, $2, $3, $4, $5, $6, NULL, $7)',
    thread,
    actor,
    event.type,
    event.at,
    ACTIVITY.has(event.type),
    JSON.stringify(payloadOf(event)),
    inboxKeep,
  ))!;
  return { event, positions };
};
