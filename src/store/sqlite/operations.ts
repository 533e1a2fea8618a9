/** Everything the store can be asked, by name: what each does to the database, and whether it writes. */
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
import { addMember, removeMember } from './change-members.ts';
import { contract, contractState, listContracts, openContractThread, putContract } from './contracts.ts';
import { moveCursor } from './cursors.ts';
import type { Database } from './database.ts';
import { helpCounts, helpVotes, voteHelp } from './help.ts';
import { history } from './history.ts';
import { heads } from './inbox.ts';
import { activeInterviews, changeInterview, interview } from './interviews.ts';
import { job, jobOf, jobsOf, listJobs, putJob } from './jobs.ts';
import { markThread } from './marks.ts';
import { contactsAmong, memberIds, threadsAmong } from './members.ts';
import { accountCreatedAt, blocksOf, conversation, isApart, setBlock } from './moderation.ts';
import { openProposalThread, openThread } from './open-threads.ts';
import { deliveries, replayDelivery, replaySince, resumeDeliveries, settleDelivery, stopDeliveries, takeDue } from './outbox.ts';
import { lastSeen, setLastSeen } from './presence.ts';
import { listProposals, proposal, proposalsOf, putProposal } from './proposals.ts';
import { putUser } from './put-user.ts';
import { dueReleases, releaseMessage, sealedIn, settleRelease } from './releases.ts';
import { search } from './search.ts';
import { since } from './since.ts';
import { ownMessage, putExceptions, speech } from './speech.ts';
import { thread, threads } from './summaries.ts';
import { listUsers, users } from './users.ts';
import { deleteMessage, editMessage, postMessage } from './write-messages.ts';

export type OperationName = Exclude<keyof Store, 'epoch' | 'close'>;

type Operation<Name extends OperationName> = (db: Database, ...args: Parameters<Store[Name]>) => Awaited<ReturnType<Store[Name]>>;

/** Run within a transaction, which they may leave half done by throwing. */
export const WRITES = {
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
  releaseMessage,
  settleRelease,
  putExceptions,
  replayDelivery,
  replaySince,
  stopDeliveries,
  resumeDeliveries,
  setAudience,
  putAnnouncement,
  deleteAnnouncement,
  dismissAnnouncement,
  voteHelp,
  setLastSeen,
  openCase,
  claimCase,
  decideCase,
  reviewCase,
  withdrawCase,
  settleEffect,
  setBlock,
  appendAudit,
} satisfies { [Name in OperationName]?: Operation<Name> };

export const READS = {
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
  deliveries,
  speech,
  ownMessage,
  sealedIn,
  dueReleases,
  audienceOf,
  announcement,
  announcements,
  pendingAnnouncements,
  helpVotes,
  helpCounts,
  heads,
  since,
  lastSeen,
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
} satisfies { [Name in Exclude<OperationName, keyof typeof WRITES>]: Operation<Name> };
