/** On which sides of proposals one stands. Whoever has none yet may come to stand on either. */
import { useProposals } from './use-proposals.ts';

export interface Sides {
  readonly received: boolean;
  readonly sent: boolean;
}

export const useSides = (): Sides => {
  const { list } = useProposals();
  return {
    received: list.length === 0 || list.some(({ isReceived }) => isReceived),
    sent: list.length === 0 || list.some(({ isReceived }) => !isReceived),
  };
};
