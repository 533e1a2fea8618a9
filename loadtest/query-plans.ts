/**
 * What the store's pages cost on PostgreSQL, in a small store and in a large one, both made by generate-store.ts.
 *
 *     script/run node loadtest/query-plans.ts SMALL_URL LARGE_URL
 *
 * Prints the rows, the pages of 8 KiB that were looked at, and the time. Ends with 1 when a statement scans a whole table or
 * when what a page costs has grown with the history.
 */
import { problemsOf, queryCosts } from './postgres/query-costs.ts';

const [smallUrl, largeUrl] = process.argv.slice(2);
if (smallUrl === undefined || largeUrl === undefined) throw new Error('Usage: query-plans.ts SMALL_URL LARGE_URL');
const [small, large] = [await queryCosts(smallUrl), await queryCosts(largeUrl)];
console.table(
  large.map(({ operation, rows, buffers, ms, scanned }, index) => ({
    operation,
    rows,
    'pages, small': small[index]!.buffers,
    'pages, large': buffers,
    'ms, small': small[index]!.ms,
    'ms, large': ms,
    scanned,
  })),
);
const problems = problemsOf(large, small);
for (const problem of problems) console.error(problem);
process.exitCode = problems.length === 0 ? 0 : 1;
