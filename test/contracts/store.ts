/**
 * The contract suite of the store (src/store/store.ts): whatever implements it runs all of this, against the real thing.
 * `open` makes a store that is empty and nobody else's.
 */
import { describe } from 'vitest';
import { announcementContract } from './store/announcements.ts';
import type { OpenStore } from './store/fixtures.ts';
import { guardContract } from './store/guard.ts';
import { hiringContract } from './store/hiring.ts';
import { hostContract } from './store/host.ts';
import { inboxContract } from './store/inbox.ts';
import { interviewContract } from './store/interviews.ts';
import { listContract } from './store/lists.ts';
import { markContract } from './store/marks.ts';
import { memberContract } from './store/members.ts';
import { messageContract } from './store/messages.ts';
import { moderationContract } from './store/moderation.ts';
import { openingContract } from './store/opening.ts';
import { outboxContract } from './store/outbox.ts';
import { replayContract } from './store/replay.ts';
import { searchContract } from './store/search.ts';
import { threadContract } from './store/threads.ts';
import { writeContract } from './store/writes.ts';

export type { OpenedStore, OpenStore, StoreOptions } from './store/fixtures.ts';

export const storeContract = (name: string, open: OpenStore): void => {
  describe(`${name} keeps the contract of a store`, () => {
    hostContract(open);
    hiringContract(open);
    guardContract(open);
    openingContract(open);
    threadContract(open);
    memberContract(open);
    markContract(open);
    listContract(open);
    messageContract(open);
    interviewContract(open);
    inboxContract(open);
    outboxContract(open);
    announcementContract(open);
    replayContract(open);
    searchContract(open);
    writeContract(open);
    moderationContract(open);
  });
};
