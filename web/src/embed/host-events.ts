/** What an element tells its page, by DOM events that bubble and cross shadow roots. */
import type { InterviewMedia, InterviewState } from '../../../protocol/index.ts';

export interface HostEvents {
  /** The conversation, or the proposal before there is one, is on screen. */
  'parley-ready': { readonly threadId: string | null; readonly proposalId: string | null; readonly userId: string };
  /** The first message about a proposal opened its conversation, by either side. */
  'parley-opened': { readonly threadId: string; readonly proposalId: string };
  /** Set `token` to a new one; `expiresAt` in Unix milliseconds, null where the token says nothing of it. */
  'parley-token-expiring': { readonly expiresAt: number | null };
  'parley-unread': { readonly unread: number };
  /** Shown in the element too. `code` is one of the protocol's, or `no_token`, `no_target`. */
  'parley-error': { readonly code: string; readonly message: string };
  /** A call of the conversation changed; `joined` is whether this page is in it. */
  'parley-call': {
    readonly interviewId: string;
    readonly media: InterviewMedia;
    readonly state: InterviewState;
    readonly startedBy: string;
    readonly joined: boolean;
  };
}

export type Tell = <Name extends keyof HostEvents>(name: Name, detail: HostEvents[Name]) => void;

declare global {
  interface HTMLElementEventMap extends ParleyEventMap {}
}

type ParleyEventMap = { [Name in keyof HostEvents]: CustomEvent<HostEvents[Name]> };
