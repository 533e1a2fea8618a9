import { join } from 'node:path';
import { expect, test } from 'vitest';
import { folderWith, moduleOf } from './setup.ts';

interface Tally {
  passed: number;
  failed: number;
  skipped: number;
  unproved: string[];
  remarks: string[];
}
const { closingLines, tallyOf } = await moduleOf<{
  tallyOf(report: string, exitCode: number | null): Tally;
  closingLines(tally: Tally, isWhole: boolean): string[];
}>('script/tally.mjs');

/** The closing lines for a report with these counts and files. */
function closing(exitCode: number | null, report?: object, isWhole = true): string {
  const folder = folderWith(report ? { 'report.json': JSON.stringify(report) } : {});
  return closingLines(tallyOf(join(folder, 'report.json'), exitCode), isWhole).join('\n');
}

const counts = (passed: number, failed: number, skipped: number) => ({
  numPassedTests: passed,
  numFailedTests: failed,
  numPendingTests: skipped,
  numTodoTests: 0,
  testResults: [
    {
      name: 'a.test.ts',
      status: failed > 0 ? 'failed' : 'passed',
      assertionResults: [{ status: failed > 0 ? 'failed' : 'passed' }],
    },
  ],
});

test('[RUN9] the last line has what passed and what failed, and the line before what was skipped, if anything was', () => {
  expect(closing(0, counts(12, 0, 0))).toBe('12 passed, 0 failed');
  expect(closing(1, counts(10, 2, 3))).toBe('3 skipped\n10 passed, 2 failed');
});

test('[RUN9] a whole run says which rules it has not proved, because all their tests were skipped', () => {
  const testOf = (status: string, ...ids: string[]) => ({
    status,
    title: `${ids.map((id) => `[${id}]`).join(' ')} something holds`,
  });
  const assertionResults = [
    testOf('passed', 'QQ1'),
    testOf('skipped', 'QQ1', 'QQ2'),
    testOf('pending', 'QQ3'),
    testOf('skipped'),
  ];
  const report = { ...counts(1, 0, 3), testResults: [{ name: 'a.test.ts', status: 'passed', assertionResults }] };
  const last = '3 skipped\n1 passed, 0 failed';
  expect(closing(0, report)).toBe(`Not proved by this run, because it skipped their tests: QQ2, QQ3.\n${last}`);
  expect(closing(0, report, false)).toBe(last);
});

test('[RUN9] a file that fails before its tests, a run that ends badly, and a run without a test count as failed', () => {
  const broken = { ...counts(5, 0, 0), testResults: [{ name: 'b.test.ts', status: 'failed', assertionResults: [] }] };
  expect(closing(1, broken)).toBe('5 passed, 1 failed');
  expect(closing(1, counts(5, 0, 0))).toBe('5 passed, 1 failed');
  expect(closing(0, { ...counts(0, 0, 0), testResults: [] })).toBe('0 passed, 1 failed');
});

test('[RUN9] a run that was ended without a report counts as failed', () => {
  expect(closing(null)).toBe('0 passed, 1 failed');
});
