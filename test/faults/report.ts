/** What a run says of itself. */
import type { Run } from './harness.ts';

const MAX_SHOWN = 10;

const quantile = (sorted: readonly number[], share: number): number =>
  sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? 0;

export interface RecoveryFigures {
  readonly fault: string;
  readonly times: number;
  readonly p50Ms: number;
  readonly p95Ms: number;
  readonly maxMs: number;
  /** The next fault came before everybody was back. */
  readonly overtaken: number;
}

export const recoveryFigures = ({ recoveries }: Pick<Run, 'recoveries'>): RecoveryFigures[] =>
  [...Map.groupBy(recoveries, ({ kind }) => kind)]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([fault, all]) => {
      const ms = all.flatMap((each) => (each.ms === undefined ? [] : [each.ms])).sort((a, b) => a - b);
      return {
        fault,
        times: all.length,
        p50Ms: quantile(ms, 0.5),
        p95Ms: quantile(ms, 0.95),
        maxMs: ms.at(-1) ?? 0,
        overtaken: all.length - ms.length,
      };
    });

export const reportOf = (run: Run): string => {
  const { counts, violations } = run;
  const lines = [
    `seed ${run.seed}, ${run.topology}, ${run.plan.length} faults`,
    `${counts.calls} calls: ${counts.acknowledged} acknowledged, ${counts.failed} refused, ${counts.unknown} unknown`,
    `${counts.posts} posts acknowledged, ${counts.messages} messages stored, ${counts.applied} entries applied by witnesses`,
    `${counts.lost} lost, ${counts.duplicates} duplicates, ${violations.length} violations; settled in ${run.settledMs} ms`,
    ...recoveryFigures(run).map(
      ({ fault, times, p50Ms, p95Ms, maxMs, overtaken }) =>
        `  ${fault.padEnd(20)} ${times - overtaken} times, back in p50 ${p50Ms} ms, p95 ${p95Ms} ms, max ${maxMs} ms${overtaken > 0 ? `; ${overtaken} more overtaken by the next` : ''}`,
    ),
    ...violations
      .slice(0, MAX_SHOWN)
      .flatMap(({ rule, says, trail }) => [`! ${rule}: ${says}`, ...trail.map((line) => `    ${line}`)]),
    ...(violations.length > MAX_SHOWN ? [`! and ${violations.length - MAX_SHOWN} more`] : []),
  ];
  return lines.join('\n');
};
