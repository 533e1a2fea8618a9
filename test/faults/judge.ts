/**
 * The judge: decides over a history, for every user, thread and device, whether what Parley promises was kept. Pure; it knows no
 * socket and no clock, so the cases it must catch are tested by hand-made histories.
 */
import type { Violation } from './evidence.ts';
import type { History } from './history.ts';
import { judgeDevices } from './rules/devices.ts';
import { judgeInterviews } from './rules/interviews.ts';
import { judgeLogs } from './rules/logs.ts';
import { judgeMessages, messagesOf } from './rules/messages.ts';

export interface Counts {
  readonly calls: number;
  readonly acknowledged: number;
  readonly failed: number;
  readonly unknown: number;
  readonly posts: number;
  readonly messages: number;
  readonly applied: number;
  readonly lost: number;
  readonly duplicates: number;
}

export interface Verdict {
  readonly violations: readonly Violation[];
  readonly counts: Counts;
}

export const judge = (history: History): Verdict => {
  const violations = [
    ...judgeMessages(history),
    ...judgeLogs(history),
    ...judgeDevices(history),
    ...judgeInterviews(history),
    ...judgePresence(history),
  ];
  const outcomes = (outcome: string): number => history.calls.filter((call) => (call.outcome ?? 'unknown') === outcome).length;
  const threads = new Map(history.end.truths.flatMap(({ histories }) => [...histories]));
  return {
    violations,
    counts: {
      calls: history.calls.length,
      acknowledged: outcomes('acknowledged'),
      failed: outcomes('failed'),
      unknown: outcomes('unknown'),
      posts: history.calls.filter(({ type, outcome }) => type === 'message.post' && outcome === 'acknowledged').length,
      messages: [...threads.values()].reduce((sum, events) => sum + messagesOf(events).length, 0),
      applied: history.told.filter(({ is }) => is === 'entry').length,
      lost: violations.filter(({ rule }) => rule === 'lost' || rule === 'missed').length,
      duplicates: violations.filter(({ rule }) => rule === 'duplicate' || rule === 'invented').length,
    },
  };
};

/** Who is there is online for those who watch, and who is gone is not. */
const judgePresence = ({ end }: History): Violation[] =>
  end.presence
    .filter(({ online, expected }) => online !== expected)
    .map(({ watcher, userId, online }) => ({
      rule: 'presence',
      says: `${watcher}: ${userId} is ${online ? 'online' : 'offline'} and should not be`,
      trail: [],
    }));
