/**
 * A participant's requests, while their media lasts. Every verb is idempotent, so what a lost socket or a busy server
 * swallowed is asked again, in the order it was asked, once the room has been resumed.
 */
import { type PayloadInput, ProtocolError, type RequestType, type Result } from '../../protocol/index.ts';
import { type Backoff, backoffMs } from '../backoff.ts';
import type { Environment } from '../clock.ts';
import { asProtocolError } from '../errors.ts';
import type { Client } from '../types.ts';

/** Requests that name a participant. */
type ParticipantRequest = {
  [Type in RequestType]: PayloadInput<Type> extends { participantId: string } ? Type : never;
}[RequestType];

export interface Signal {
  /** Rejects with what will not pass; with `gone` once the signal is closed. */
  ask<Type extends ParticipantRequest>(
    type: Type,
    payload: Omit<PayloadInput<Type>, 'interviewId' | 'participantId'>,
  ): Promise<Result<Type>>;
  /** Resolves when requests have a way to the room; rejects with `gone` once the signal is closed. */
  whenLive(): Promise<void>;
  suspend(): void;
  resume(): void;
  close(): void;
}

const BACKOFF: Backoff = { baseMs: 250, capMs: 4_000 };
/** An internal error may be of this very request's making. */
const MAX_INTERNAL_ERRORS = 4;

export const createSignal = (options: {
  client: Pick<Client, 'request' | 'connection'>;
  environment: Environment;
  interviewId: string;
  participantId: string;
  /** The room does not know the participant any more. */
  onGone: () => void;
}): Signal => {
  const { client, interviewId, participantId } = options;
  const { clock, random } = options.environment;
  let state: 'live' | 'suspended' | 'closed' = 'live';
  let waiting: (() => void)[] = [];

  const wake = (): void => {
    const woken = waiting;
    waiting = [];
    for (const run of woken) run();
  };

  const whenLive = async (): Promise<void> => {
    while (state === 'suspended') await new Promise<void>((resolve) => waiting.push(resolve));
    if (state === 'closed') throw new ProtocolError('gone', 'The call has ended, or is being joined again.');
  };

  const suspend = (): void => {
    if (state === 'live') state = 'suspended';
  };

  const pause = (delayMs: number): Promise<void> => new Promise((resolve) => clock.after(delayMs, resolve));

  const ask: Signal['ask'] = async (type, payload) => {
    for (let attempt = 0; ; attempt += 1) {
      await whenLive();
      try {
        return await client.request(type, { interviewId, participantId, ...payload } as PayloadInput<typeof type>);
      } catch (thrown) {
        const error = asProtocolError(thrown);
        if (error.code === 'gone' && state === 'live') options.onGone();
        if (!error.retryable || (error.code === 'internal' && attempt >= MAX_INTERNAL_ERRORS)) throw error;
        // All that a lost socket swallowed waits in one queue, and keeps its order.
        if (client.connection.get().status !== 'online') suspend();
        if (state === 'live') await pause(error.details.retryAfterMs ?? backoffMs(BACKOFF, attempt, random));
      }
    }
  };

  return {
    ask,
    whenLive,
    suspend,
    resume() {
      if (state !== 'suspended') return;
      state = 'live';
      wake();
    },
    close() {
      state = 'closed';
      wake();
    },
  };
};
