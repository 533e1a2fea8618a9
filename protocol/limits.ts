/** Limits that both sides know, so that a client can refuse before it sends. Lengths are UTF-16 code units. */
export const PROTOCOL_VERSION = 1;
/** A message's body: as much as the guard reads within two milliseconds (docs/decisions/0039). */
export const MAX_BODY_LENGTH = 3_000;
/** Of a body that was stored: earlier versions took longer ones. */
export const MAX_STORED_BODY_LENGTH = 8_000;
/** A frame from a client; a larger one is answered with `too_large` and not read. */
export const MAX_FRAME_BYTES = 64 * 1024;
/** Members of one thread; a wider kind of thread would fan out on read (docs/decisions/). */
export const MAX_MEMBERS = 64;
/** Contracts of one thread. */
export const MAX_CONTRACTS = 20;
/** People in one room at most, whatever is configured. */
export const MAX_PARTICIPANTS = 50;
/** People in one room unless it is configured. */
export const DEFAULT_PARTICIPANTS = 8;
/** Events or messages in one page. */
export const MAX_PAGE = 100;
/** Items of one bulk request of the host platform. */
export const MAX_BULK = 500;
/** People whose proposals a job shows in a list of jobs. */
export const MAX_NEWEST = 5;
/** A typing mark lasts this long unless it is set again. */
export const TYPING_EXPIRES_MS = 6_000;

/** Of a search, in UTF-16 units. */
export const MAX_QUERY_LENGTH = 200;
