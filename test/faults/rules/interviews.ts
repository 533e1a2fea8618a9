/** What must be true of interviews: each goes through its versions one by one to exactly one end, the same for everybody. */
import { isDeepStrictEqual } from 'node:util';
import { type Interview, isActive } from '../../../protocol/index.ts';
import { trailOf, type Violation } from '../evidence.ts';
import { type History, isCall } from '../history.ts';
import { historiesOf } from './messages.ts';

export const judgeInterviews = (history: History): Violation[] => {
  const violations: Violation[] = [];
  const lives = new Map<string, Interview[]>();
  for (const events of historiesOf(history).values())
    for (const event of events)
      if (event.type === 'interview.changed') {
        const { interviewId } = event.interview;
        lives.set(interviewId, [...(lives.get(interviewId) ?? []), event.interview]);
      }
  for (const [interviewId, life] of lives) {
    const [first] = life as [Interview];
    const find = (says: string): void => {
      const trail = trailOf(history, { threadId: first.threadId });
      violations.push({
        rule: 'interview',
        says: `interview ${interviewId} ${says}: ${life.map(({ state }) => state).join(', ')}`,
        trail,
      });
    };
    if (life.some(({ version }, index) => version !== index + 1)) find('skipped or repeated a version');
    if (life.filter((interview) => !isActive(interview)).length > 1) find('ended more than once');
    if (life.slice(0, -1).some((interview) => !isActive(interview))) find('came back');
    if (isActive(life.at(-1) as Interview)) find('is not over');
  }
  // Whoever was told of a transition was told the one that is stored.
  for (const told of history.told) {
    if (told.is !== 'entry' || told.event.type !== 'interview.changed') continue;
    const { interview } = told.event;
    const stored = lives.get(interview.interviewId)?.[interview.version - 1];
    if (stored !== undefined && !isDeepStrictEqual(stored, interview))
      violations.push({
        rule: 'interview',
        says: `witness of ${told.userId}: was told that interview ${interview.interviewId} is ${interview.state} where it is ${stored.state}`,
        trail: trailOf(history, { threadId: interview.threadId, userId: told.userId }),
      });
  }
  for (const call of history.calls)
    if (isCall(call, 'interview.call') && call.outcome === 'acknowledged' && !lives.has(call.payload.interviewId))
      if (historiesOf(history).has(call.payload.threadId))
        violations.push({
          rule: 'lost',
          says: `interview ${call.payload.interviewId} was acknowledged and is in no history`,
          trail: trailOf(history, { threadId: call.payload.threadId }),
        });
  return violations;
};
