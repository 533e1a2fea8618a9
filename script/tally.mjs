// Counts the tests of a run from vitest's report.
import { readFileSync } from 'node:fs';
import { rulesOf } from './titles.mjs';

/**
 * The counts of the report, the rules of which every test was skipped, and remarks on what failed without being a test. `exitCode` is
 * vitest's own.
 */
export function tallyOf(reportPath, exitCode) {
  const tally = { passed: 0, failed: 0, skipped: 0, unproved: [], remarks: [] };
  const fail = (remark) => {
    tally.failed += 1;
    tally.remarks.push(remark);
  };
  try {
    const report = JSON.parse(readFileSync(reportPath, 'utf8'));
    tally.passed = report.numPassedTests;
    tally.failed = report.numFailedTests;
    tally.skipped = report.numPendingTests + (report.numTodoTests ?? 0);
    tally.unproved = unprovedOf(report.testResults.flatMap(({ assertionResults }) => assertionResults));
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

/** The rules that tests name and none that ran does. */
function unprovedOf(tests) {
  const ran = new Set();
  const named = new Set();
  for (const { title = '', status } of tests) {
    for (const id of rulesOf(title)) (status === 'passed' || status === 'failed' ? ran : named).add(id);
  }
  return [...named].filter((id) => !ran.has(id)).sort();
}

/** The lines that close a run's output, the last one always of the same form. `isWhole` when no test was left out on purpose. */
export function closingLines({ passed, failed, skipped, unproved }, isWhole) {
  const lines = [`${passed} passed, ${failed} failed`];
  if (skipped > 0) lines.unshift(`${skipped} skipped`);
  if (isWhole && unproved.length > 0)
    lines.unshift(`Not proved by this run, because it skipped their tests: ${unproved.join(', ')}.`);
  return lines;
}
