// Counts the tests of a run from vitest's report.
import { readFileSync } from 'node:fs';

/** The counts of the report, and remarks on what failed without being a test. `exitCode` is vitest's own. */
export function tallyOf(reportPath, exitCode) {
  const tally = { passed: 0, failed: 0, skipped: 0, remarks: [] };
  const fail = (remark) => {
    tally.failed += 1;
    tally.remarks.push(remark);
  };
  try {
    const report = JSON.parse(readFileSync(reportPath, 'utf8'));
    tally.passed = report.numPassedTests;
    tally.failed = report.numFailedTests;
    tally.skipped = report.numPendingTests + (report.numTodoTests ?? 0);
    for (const file of report.testResults) {
      const hasFailedTest = file.assertionResults.some(({ status }) => status === 'failed');
      if (file.status === 'failed' && !hasFailedTest) fail(`${file.name} failed outside of its tests.`);
    }
  } catch (error) {
    fail(`vitest left no report (${error.message}).`);
  }
  if (tally.failed === 0 && tally.passed === 0) fail('No test ran.');
  if (tally.failed === 0 && exitCode !== 0) fail(`vitest ended with ${exitCode} although no test failed.`);
  return tally;
}

/** The line that closes a run's output. */
export function closingLine({ passed, failed, skipped }) {
  return `${passed} passed, ${failed} failed${skipped > 0 ? `, ${skipped} skipped` : ''}`;
}
