/** What mediasoup throws, in the protocol's words. */
import { errors } from 'mediasoup';
import { ProtocolError } from '../protocol/index.ts';

/** The worker is dead: whoever was in its rooms joins again. */
export const isWorkerLost = (error: unknown): boolean => error instanceof errors.WorkerClosedError;

/** What is meant is no longer there: success to whoever wants it paused or closed. */
export const isNotFound = (error: unknown): boolean => error instanceof errors.NotFoundError;

export const gone = (message = 'The participant is not in the room; join again.'): ProtocolError =>
  new ProtocolError('gone', message);

/**
 * The error of a command that carried a client's parameters. The worker refuses with a plain Error or a TypeError, whatever
 * was wrong with them; it stays alive, and so does everything else on it.
 */
export const refusal = (error: unknown): ProtocolError => {
  if (error instanceof ProtocolError) return error;
  if (isWorkerLost(error) || isNotFound(error)) return gone();
  const reason = error instanceof Error ? error.message : String(error);
  return new ProtocolError('invalid', `The media parameters were refused: ${reason}.`);
};

/** Runs what carries a client's parameters, with its refusals in the protocol's words. */
export const refusing = async <Value>(work: () => Promise<Value>): Promise<Value> => {
  try {
    return await work();
  } catch (error) {
    throw refusal(error);
  }
};

/** Runs what may find its object gone, which is as good as done. */
export const unlessGone = async (work: () => Promise<unknown>): Promise<void> => {
  try {
    await work();
  } catch (error) {
    if (!isNotFound(error) && !isWorkerLost(error)) throw error;
  }
};
