/**
 * Where this tab stands with calls: in none, before joining one, or in one. Turns what a person wants (call, answer, join, hang up)
 * into the SDK's requests, one after the other.
 */
import type { Call, Client, Interviews, Readable } from '../../../client/types.ts';
import { type Interview, type InterviewMedia, ProtocolError, type ThreadId } from '../../../protocol/index.ts';
import { createCell } from '../lib/cell.ts';

export type Stage =
  | { readonly is: 'none' }
  | (Held & { readonly is: 'prejoin'; readonly joining: boolean })
  | (Held & { readonly is: 'call'; readonly call: Call });

interface Held {
  readonly threadId: ThreadId;
  readonly interviewId: string;
  /** As it was when the stage began; `useInterview` has the present state. */
  readonly interview: Interview;
}

export interface DeskView {
  readonly stage: Stage;
  /** A call is being started. */
  readonly calling: boolean;
  /** Takes the whole window, where there would be room for the conversation beside it. */
  readonly full: boolean;
  /** A small picture over the conversation, where there is no room beside it. */
  readonly minimised: boolean;
}

export interface LocalTracks {
  readonly microphone?: MediaStreamTrack;
  readonly camera?: MediaStreamTrack;
}

export interface CallDesk {
  readonly view: Readable<DeskView>;
  call(threadId: ThreadId, media: InterviewMedia): Promise<void>;
  answer(interview: Interview): Promise<void>;
  decline(interview: Interview): Promise<void>;
  /** Shows the pre-join screen of a call that is live, or of one's own that rings. */
  enter(interview: Interview): Promise<void>;
  /** Rejects when the call could not be joined; the tracks are then still the caller's. */
  join(tracks: LocalTracks): Promise<void>;
  /** Out of the call or the pre-join screen; takes back a call of one's own that still rings. */
  leave(): Promise<void>;
  endForAll(): Promise<void>;
  setFull(full: boolean): void;
  setMinimised(minimised: boolean): void;
  close(): void;
}

const NOWHERE: Stage = { is: 'none' };

export const createCallDesk = (options: {
  client: Pick<Client, 'inbox'>;
  interviews: Interviews;
  meId: () => string | undefined;
  onError: (text: string) => void;
  /** Those of the same person in the same page: one is in one call at a time. */
  others?: () => readonly CallDesk[];
}): CallDesk => {
  const { client, interviews, onError } = options;
  const view = createCell<DeskView>({ stage: NOWHERE, calling: false, full: false, minimised: false });
  const change = (part: Partial<DeskView>): void => view.set({ ...view.get(), ...part });

  const present = ({ threadId, interviewId, interview }: Held): Interview => {
    const active = client.inbox.get().threads.find((thread) => thread.threadId === threadId)?.interview;
    return active?.interviewId === interviewId ? active : interview;
  };

  const attempt = async (what: string, run: () => Promise<void>): Promise<void> => {
    try {
      await run();
    } catch (error) {
      onError(error instanceof ProtocolError ? error.message : what);
    }
  };

  const showPreJoin = (interview: Interview): void => {
    const { threadId, interviewId } = interview;
    change({ stage: { is: 'prejoin', threadId, interviewId, interview, joining: false }, full: false, minimised: false });
    // Fetched ahead so that joining takes fewer round trips; joining works without.
    interviews.prepare().catch(() => {});
  };

  const leave = async (): Promise<void> => {
    const { stage } = view.get();
    if (stage.is === 'none') return;
    change({ stage: NOWHERE, full: false, minimised: false });
    const { state, startedBy } = present(stage);
    const mustCancel = state === 'ringing' && startedBy === options.meId();
    // Both are done even if one is refused: the person is out either way.
    const goodbyes = [
      ...(stage.is === 'call' ? [stage.call.leave()] : []),
      ...(mustCancel ? [interviews.cancel(stage.interviewId)] : []),
    ];
    await Promise.allSettled(goodbyes);
  };

  const leaveAll = async (): Promise<void> => {
    await Promise.all([leave(), ...(options.others?.() ?? []).map((other) => other.leave())]);
  };

  return {
    view,
    leave,
    async call(threadId, media) {
      if (view.get().calling) return;
      change({ calling: true });
      await attempt('The call could not be started. Try again.', async () => {
        await leaveAll();
        showPreJoin(await interviews.call(threadId, media));
      });
      change({ calling: false });
    },
    answer: (interview) =>
      attempt('The call could not be answered.', async () => {
        await leaveAll();
        showPreJoin(await interviews.answer(interview.interviewId));
      }),
    decline: (interview) => attempt('The call could not be declined.', () => interviews.decline(interview.interviewId)),
    async enter(interview) {
      await leaveAll();
      showPreJoin(interview);
    },
    async join(tracks) {
      const { stage } = view.get();
      if (stage.is !== 'prejoin' || stage.joining) return;
      change({ stage: { ...stage, joining: true } });
      try {
        const call = await interviews.join(stage.interviewId, tracks);
        const { threadId, interviewId, interview } = stage;
        // Whoever left the pre-join screen meanwhile is in no call.
        if (view.get().stage.is === 'prejoin') change({ stage: { is: 'call', threadId, interviewId, interview, call } });
        else await call.leave();
      } catch (error) {
        if (view.get().stage.is === 'prejoin') change({ stage: { ...stage, joining: false } });
        throw error;
      }
    },
    async endForAll() {
      const { stage } = view.get();
      if (stage.is !== 'call') return;
      if (present(stage).state === 'ringing') return leave();
      await attempt('The call could not be ended. Leave it instead.', () => stage.call.endForAll());
    },
    setFull: (full) => change({ full }),
    setMinimised: (minimised) => change({ minimised }),
    close: () => change({ stage: NOWHERE, full: false, minimised: false }),
  };
};
