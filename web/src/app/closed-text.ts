/** Why the connection ended for good, in words for the person in front of it. */
import { AppWindow, CircleAlert, KeyRound, type LucideIcon } from 'lucide-react';
import type { ConnectionState } from '../../../client/types.ts';

export interface ClosedText {
  readonly icon: LucideIcon;
  readonly title: string;
  readonly text: string;
  /** Whether connecting again, as the same person, can help. */
  readonly canReturn: boolean;
}

export const closedText = ({ reason, error }: Extract<ConnectionState, { status: 'closed' }>): ClosedText => {
  switch (reason?.name) {
    case 'superseded':
      return {
        icon: AppWindow,
        title: 'Parley is open in another window',
        text: 'This session went on there. You can take it back.',
        canReturn: true,
      };
    case 'token_expired':
    case 'token_invalid':
    case 'unauthenticated':
      return {
        icon: KeyRound,
        title: 'Your sign-in is no longer valid',
        text: 'Sign in again to go on. What you wrote is kept on this device.',
        canReturn: false,
      };
    case 'unsupported_protocol':
      return {
        icon: CircleAlert,
        title: 'This page is out of date',
        text: 'Reload the page to get the present version.',
        canReturn: false,
      };
    case 'origin_refused':
      return {
        icon: CircleAlert,
        title: 'This page may not open conversations',
        text: `Whoever runs Parley has to name ${location.origin} in its setting embed.origins.`,
        canReturn: false,
      };
    default:
      return {
        icon: CircleAlert,
        title: 'You are signed out',
        text: error?.message ?? 'The session was ended.',
        canReturn: false,
      };
  }
};
