/** On which sides of proposals one stands. Whoever has none yet may come to stand on either. */
import { useJobs } from '../jobs/use-jobs.ts';
import { useProposals } from './use-proposals.ts';

export interface Sides {
  /** False until both lists are here. */
  readonly isKnown: boolean;
  readonly received: boolean;
  readonly sent: boolean;
}

export const useSides = (): Sides => {
  const proposals = useProposals();
  const { status, jobs } = useJobs();
  const hasSent = proposals.list.some(({ isReceived }) => !isReceived);
  const isNew = jobs.length === 0 && !hasSent;
  return {
    isKnown: status !== 'loading' && proposals.status !== 'loading',
    received: isNew || jobs.length > 0,
    sent: isNew || hasSent,
  };
};
