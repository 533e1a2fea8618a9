/** Puts the demo people, jobs and proposals into the store. */
import type { Clock } from '../clock.ts';
import type { Deliver } from '../handlers.ts';
import type { Store } from '../store/store.ts';
import { DEMO_JOBS, DEMO_PEOPLE, DEMO_PROPOSALS } from './people.ts';

/** Safe to repeat: what is there stays as it is. */
export const seedDemo = async (options: { store: Store; deliver: Deliver; clock: Clock }): Promise<void> => {
  const { store, deliver, clock } = options;
  for (const { user } of DEMO_PEOPLE) await deliver(store.putUser(user, clock.now()));
  for (const job of DEMO_JOBS) await store.putJob(job);
  for (const [proposalId, proposal] of Object.entries(DEMO_PROPOSALS)) {
    await deliver(store.putProposal(proposalId, proposal, clock.now()));
  }
};
