/**
 * What a request rejects with; anything else that is thrown on the way is a bug of ours or the platform's, and
 * becomes `internal`.
 */
import { ProtocolError } from '../protocol/index.ts';

export const asProtocolError = (error: unknown): ProtocolError =>
  error instanceof ProtocolError ? error : new ProtocolError('internal', error instanceof Error ? error.message : String(error));

/** The request was not answered because there is no connection; it may or may not have been carried out. */
export const disconnected = (): ProtocolError => new ProtocolError('unavailable', 'There is no connection to the server.');
