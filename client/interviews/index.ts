/**
 * Interviews for a client: what rings, calling and answering, and the call one is in. An entry of its own, since it
 * brings WebRTC along.
 */
import { type Interview, isActive, ProtocolError } from '../../protocol/index.ts';
import { type Environment, systemEnvironment } from '../clock.ts';
import { asProtocolError } from '../errors.ts';
import { createCell, createView } from '../readable.ts';
import type { Call, Client, Interviews } from '../types.ts';
import { uuid } from '../uuid.ts';
import { createCall } from './call.ts';
import { type CreateDevice, createDeviceSource } from './device.ts';

export interface InterviewsOptions {
  /** Makes the WebRTC device where mediasoup-client cannot tell which it needs, such as Node. */
  readonly createDevice?: CreateDevice;
  readonly environment?: Partial<Environment>;
}

export const createInterviews = (client: Client, options: InterviewsOptions = {}): Interviews => {
  const environment: Environment = { ...systemEnvironment, ...options.environment };
  const device = createDeviceSource(client, options.createDevice);
  const current = createCell<Call | null>(null);
  /** Interviews that replies told of, by id; the inbox may not have them yet. */
  const told = new Map<string, Interview>();
  /** Answered or declined here: they stop ringing at once. */
  const settled = new Set<string>();

  const rings = (interview: Interview | null, me: string): interview is Interview =>
    interview?.state === 'ringing' &&
    interview.invitedIds.includes(me) &&
    !interview.declinedIds.includes(me) &&
    !settled.has(interview.interviewId);

  const incoming = createView<readonly Interview[]>(() => {
    const me = client.me.get()?.userId ?? '';
    return client.inbox
      .get()
      .threads.map(({ interview }) => interview)
      .filter((interview) => rings(interview, me));
  });
  const releases = [client.inbox.subscribe(incoming.invalidate), client.me.subscribe(incoming.invalidate)];

  const find = (interviewId: string): Interview => {
    const held = client.inbox.get().threads.find(({ interview }) => interview?.interviewId === interviewId)?.interview;
    const interview = held ?? told.get(interviewId);
    if (interview === undefined || !isActive(interview)) throw new ProtocolError('gone', 'The interview is over.');
    return interview;
  };

  /** Stops the ringing here before the server has the answer; a refusal lets it ring again. */
  const settle = async (interviewId: string, ask: () => Promise<{ interview: Interview }>): Promise<Interview> => {
    settled.add(interviewId);
    incoming.invalidate();
    try {
      return remember((await ask()).interview);
    } catch (error) {
      settled.delete(interviewId);
      incoming.invalidate();
      throw error;
    }
  };

  const remember = (interview: Interview): Interview => {
    told.set(interview.interviewId, interview);
    return interview;
  };

  return {
    incoming,
    current,
    async call(threadId, media) {
      return remember((await client.request('interview.call', { threadId, interviewId: uuid(), media })).interview);
    },
    answer: (interviewId) => settle(interviewId, () => client.request('interview.answer', { interviewId })),
    async decline(interviewId) {
      await settle(interviewId, () => client.request('interview.decline', { interviewId }));
    },
    async cancel(interviewId) {
      remember((await client.request('interview.cancel', { interviewId })).interview);
    },
    async end(interviewId) {
      remember((await client.request('interview.end', { interviewId })).interview);
    },
    async prepare() {
      await device.load();
    },
    async join(interviewId, tracks) {
      const interview = find(interviewId);
      await current.get()?.leave();
      const call = createCall({
        client,
        environment,
        device: await device.load().catch((error: unknown) => Promise.reject(asProtocolError(error))),
        interview,
        pixelRatio: () => globalThis.devicePixelRatio ?? 1,
        onOver() {
          if (current.get() === call) current.set(null);
        },
      });
      current.set(call);
      await call.join(tracks);
      return call;
    },
    close() {
      for (const release of releases) release();
      void current.get()?.leave();
    },
  };
};
