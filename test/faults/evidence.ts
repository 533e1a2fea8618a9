/** What a rule found wrong, with the least that shows it. */
import type { ThreadId, UserId } from '../../protocol/index.ts';
import type { Call, History, Told } from './history.ts';

export interface Violation {
  /** A short name: `lost`, `duplicate`, `order` … */
  readonly rule: string;
  readonly says: string;
  readonly trail: readonly string[];
}

interface About {
  readonly threadId: ThreadId;
  readonly offset?: number;
  readonly clientMessageId?: string;
  readonly userId?: UserId;
}

const MAX_TRAIL = 14;

const tells = (call: Call): string => {
  const outcome = call.outcome === undefined ? 'under way' : `${call.outcome}${call.code === undefined ? '' : ` (${call.code})`}`;
  const { clientMessageId, offset, body, readOffset } = call.payload as Record<string, unknown>;
  const what = [clientMessageId, offset, readOffset, body].filter((part) => part !== undefined).join(' ');
  return `#${call.seq} ${call.device} asked ${call.type} ${what}: ${outcome}${call.endedSeq === undefined ? '' : ` at #${call.endedSeq}`}`;
};

const reads = (told: Told): string => {
  const who = `#${told.seq} witness of ${told.userId}`;
  switch (told.is) {
    case 'entry':
      return `${who} applied ${told.event.type}${'offset' in told.event ? ` at ${told.event.offset}` : ''} as position ${told.position} (${told.how})`;
    case 'snapshot':
      return `${who} was given a snapshot at position ${told.position}`;
    case 'fetched':
      return `${who} fetched the thread up to ${told.events.at(-1)?.offset ?? 0}`;
    case 'stands':
      return `${who} stands at ${told.position}`;
  }
};

/** The facts about a message or a thread, the last of them when there are many. */
export const trailOf = ({ calls, told, shown }: Pick<History, 'calls' | 'told' | 'shown'>, about: About): string[] => {
  const fits = (offset: unknown, clientMessageId: unknown): boolean =>
    about.offset === undefined && about.clientMessageId === undefined
      ? true
      : (about.offset !== undefined && offset === about.offset) ||
        (about.clientMessageId !== undefined && clientMessageId === about.clientMessageId);
  const lines: { seq: number; line: string }[] = [];
  for (const call of calls) {
    const payload = call.payload as Record<string, unknown>;
    const { message } = (call.result ?? {}) as { message?: { offset?: number } };
    if (payload.threadId === about.threadId && fits(payload.offset ?? message?.offset, payload.clientMessageId))
      lines.push({ seq: call.seq, line: tells(call) });
  }
  for (const each of told) {
    if (about.userId !== undefined && each.userId !== about.userId) continue;
    if (each.is === 'snapshot') lines.push({ seq: each.seq, line: reads(each) });
    if (each.is === 'fetched' && each.thread.threadId === about.threadId) lines.push({ seq: each.seq, line: reads(each) });
    if (each.is !== 'entry' || !('threadId' in each.event) || each.event.threadId !== about.threadId) continue;
    const { event } = each;
    const message = 'message' in event ? event.message : undefined;
    if (fits(message?.offset ?? ('offset' in event ? event.offset : undefined), message?.clientMessageId))
      lines.push({ seq: each.seq, line: reads(each) });
  }
  for (const each of shown) {
    if (each.threadId !== about.threadId || (about.userId !== undefined && each.userId !== about.userId)) continue;
    if (each.messages.some((message) => fits(message.offset, message.clientMessageId)))
      lines.push({ seq: each.seq, line: `#${each.seq} ${each.device} showed it as sent` });
  }
  return lines
    .sort((a, b) => a.seq - b.seq)
    .slice(-MAX_TRAIL)
    .map(({ line }) => line);
};
