/** The SDK's two halves, for every component of a signed-in person. */
import { createContext, useContext } from 'react';
import type { Client, Interviews } from '../../../client/types.ts';
import type { User } from '../../../protocol/index.ts';
import { useReadable } from '../lib/use-readable.ts';

export interface Parley {
  readonly client: Client;
  readonly interviews: Interviews;
  /** Where drafts are kept for this person, in this tab. */
  readonly storagePrefix: string;
  /** Connects again after another tab took the session over. */
  reconnect(): void;
  signOut(): void;
}

const ParleyContext = createContext<Parley | null>(null);

export const ParleyProvider = ParleyContext;

export const useParley = (): Parley => {
  const parley = useContext(ParleyContext);
  if (parley === null) throw new Error('useParley is for components of a signed-in person.');
  return parley;
};

/** The signed-in person. Only for what is shown once the inbox is there. */
export const useMe = (): User => {
  const me = useReadable(useParley().client.me);
  if (me === null) throw new Error('useMe is for components that are shown once the session is open.');
  return me;
};
