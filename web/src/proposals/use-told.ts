/** Asks a list anew after proposals came or changed, once for all that happen together. */
import { useEffect } from 'react';
import type { ProposalSummary } from '../../../protocol/index.ts';
import { useParley } from '../app/parley.tsx';

const PAUSE_MS = 120;

export const useTold = (reload: () => void, concerns: (proposal: ProposalSummary) => boolean): void => {
  const { client } = useParley();
  useEffect(() => {
    let timer: ReturnType<typeof setTimeout> | undefined;
    const stop = client.onProposal((proposal) => {
      if (!concerns(proposal)) return;
      timer ??= setTimeout(() => {
        timer = undefined;
        reload();
      }, PAUSE_MS);
    });
    return () => {
      clearTimeout(timer);
      stop();
    };
  }, [client, reload, concerns]);
};
