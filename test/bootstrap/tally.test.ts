import { join } from 'node:path';
import { expect, test } from 'vitest';
import { folderWith, moduleOf } from './setup.ts';

interface Tally {
  passed: number;
  failed: number;
  skipped: number;
  remarks: string[];
}
const { closingLine, tallyOf } = await moduleOf<{
  tallyOf(report: string, exitCode: number | null): Tally;
  closingLine(tally: Tally): string;
}>('script/tally.mjs');

/** The closing line for a report with these counts and files. */
function closing(exitCode: number | null, report?: object): string {
  const folder = folderWith(report ? { 'report.json': JSON.stringify(report) } : {});
  return closingLine(tallyOf(join(folder, 'report.json'), exitCode));
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

test('[RUN9] the closing line has what passed, what failed and, if any, what was skipped', () => {
  expect(closing(0, counts(12, 0, 0))).toBe('12 passed, 0 failed');
  expect(closing(1, counts(10, 2, 3))).toBe('10 passed, 2 failed, 3 skipped');
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
