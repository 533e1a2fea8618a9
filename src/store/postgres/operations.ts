/** Everything the store can be asked, by name, and how each is made: in which lane, in which order, and whether again. */
import type { Store } from '../store.ts';
import {
  announcement,
  announcements,
  audienceOf,
  deleteAnnouncement,
  dismissAnnouncement,
  pendingAnnouncements,
  putAnnouncement,
  setAudience,
} from './announcements.ts';
import { appendAudit, auditEntries } from './audit.ts';
import {
  caseByKey,
  caseOf,
  cases,
  casesAbout,
  claimCase,
  decideCase,
  effectsDue,
  openCase,
  overtakenHolds,
  reviewCase,
  settleEffect,
  waitingCases,
  withdrawCase,
} from './cases.ts';
import { contract, contractState, listContracts, openContractThread, putContract } from './contracts.ts';
import type { Database } from './database.ts';
import { helpCounts, helpVotes, voteHelp } from './help.ts';
import { history } from './history.ts';
import { heads, lastSeen, setLastSeen } from './inbox.ts';
import { activeInterviews, changeInterview, interview } from './interviews.ts';
import { job, jobOf, jobsOf, listJobs, putJob } from './jobs.ts';
import { markThread } from './marks.ts';
import { addMember, contactsAmong, memberIds, removeMember, threadsAmong } from './members.ts';
import { deleteMessage, editMessage, moveCursor, postMessage } from './messages.ts';
import { accountCreatedAt, blocksOf, conversation, isApart, setBlock } from './moderation.ts';
import { openProposalThread, openThread } from './open-threads.ts';
import { deliveries, replayDelivery, replaySince, resumeDeliveries, settleDelivery, stopDeliveries, takeDue } from './outbox.ts';
import { listProposals, proposal, proposalsOf, putProposal } from './proposals.ts';
import { dueReleases, releaseMessage, sealedIn, settleRelease } from './releases.ts';
import { search } from './search.ts';
import { since } from './since.ts';
import { ownMessage, putExceptions, speech } from './speech.ts';
import { thread, threads } from './summaries.ts';
import { listUsers, putUser, users } from './users.ts';

export type OperationName = Exclude<keyof Store, 'epoch' | 'close'>;

type Operation<Name extends OperationName> = (db: Database, ...args: Parameters<Store[Name]>) => ReturnType<Store[Name]>;

export type Operations = { readonly [Name in OperationName]: Operation<Name> };

export const OPERATIONS: Operations = {
  putUser,
  putJob,
  putProposal,
  putContract,
  openProposalThread,
  openContractThread,
  openThread,
  addMember,
  removeMember,
  postMessage,
  editMessage,
  deleteMessage,
  moveCursor,
  markThread,
  changeInterview,
  takeDue,
  settleDelivery,
  replayDelivery,
  replaySince,
  stopDeliveries,
  resumeDeliveries,
  deliveries,
  speech,
  ownMessage,
  sealedIn,
  releaseMessage,
  dueReleases,
  settleRelease,
  putExceptions,
  setAudience,
  audienceOf,
  putAnnouncement,
  deleteAnnouncement,
  announcement,
  announcements,
  pendingAnnouncements,
  dismissAnnouncement,
  voteHelp,
  helpVotes,
  helpCounts,
  setLastSeen,
  users,
  proposal,
  proposalsOf,
  jobsOf,
  jobOf,
  job,
  listUsers,
  listJobs,
  listProposals,
  listContracts,
  contract,
  contractState,
  thread,
  threads,
  history,
  search,
  memberIds,
  threadsAmong,
  contactsAmong,
  interview,
  activeInterviews,
  heads,
  since,
  lastSeen,
  openCase,
  claimCase,
  decideCase,
  reviewCase,
  withdrawCase,
  settleEffect,
  setBlock,
  appendAudit,
  caseOf,
  caseByKey,
  waitingCases,
  overtakenHolds,
  cases,
  casesAbout,
  effectsDue,
  blocksOf,
  isApart,
  conversation,
  accountCreatedAt,
  auditEntries,
};
