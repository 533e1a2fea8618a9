/** What SQLite's errors mean for the store. Their messages name tables and columns, never a value. */

/** Primary result codes that come from outside our SQL: https://www.sqlite.org/rescode.html. */
const BUSY = 5;
const OUT_OF_MEMORY = 7;
const READ_ONLY = 8;
const IO_ERROR = 10;
const CORRUPT = 11;
const DISK_FULL = 13;
const NOT_A_DATABASE = 26;

/** The primary result code of an error of SQLite's, which an extended code has in its low byte. */
const codeOf = (error: unknown): number =>
  error instanceof Error && 'errcode' in error && typeof error.errcode === 'number' ? error.errcode & 0xff : 0;

/** The same call may succeed later, once there is room again. */
export const isOutage = (error: unknown): error is Error =>
  [BUSY, OUT_OF_MEMORY, READ_ONLY, DISK_FULL].includes(codeOf(error)) || isFatal(error);

/**
 * The file can no longer be trusted. After a failed sync the kernel may report the next one as done although the pages are
 * lost, so the only safe continuation is to open the file anew and let SQLite recover it from its log.
 */
export const isFatal = (error: unknown): boolean => [IO_ERROR, CORRUPT, NOT_A_DATABASE].includes(codeOf(error));

/** Why a file could not be opened, for the person who starts the server. */
export const explain = (error: unknown): string => {
  if (codeOf(error) === BUSY) return 'another process has it open';
  if (codeOf(error) === NOT_A_DATABASE) return 'it is not a database';
  return error instanceof Error ? error.message : String(error);
};
