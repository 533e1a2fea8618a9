/** The call desk for the components of a signed-in person. */
import { createContext, type ReactNode, useContext, useEffect, useState } from 'react';
import { useParley } from '../app/parley.tsx';
import { useReadable } from '../lib/use-readable.ts';
import { useNotify } from '../ui/notices.tsx';
import { type CallDesk, createCallDesk, type DeskView } from './call-desk.ts';
import type { DeskCircle } from './desk-circle.ts';

const CallDeskContext = createContext<CallDesk | null>(null);

export const useCallDesk = (): CallDesk => {
  const desk = useContext(CallDeskContext);
  if (desk === null) throw new Error('useCallDesk is for components inside a CallProvider.');
  return desk;
};

export const useDeskView = (): DeskView => useReadable(useCallDesk().view);

interface Props {
  readonly circle?: DeskCircle;
  readonly children: ReactNode;
}

export const CallProvider = ({ circle, children }: Props) => {
  const { client, interviews } = useParley();
  const notify = useNotify();
  const [desk] = useState(() => {
    const made: CallDesk = createCallDesk({
      client,
      interviews,
      meId: () => client.me.get()?.userId,
      onError: notify,
      others: () => circle?.others(made) ?? [],
    });
    return made;
  });
  useEffect(() => circle?.join(desk), [circle, desk]);
  // Camera and microphone must not outlive the page's being signed in.
  useEffect(() => () => void desk.leave(), [desk]);
  return <CallDeskContext value={desk}>{children}</CallDeskContext>;
};
