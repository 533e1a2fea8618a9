/**
 * The host platform's REST interface as a table: method, path, what it takes and answers. The routes are registered from it and the
 * OpenAPI document is made from it, so neither can say what the other does not.
 */
import { randomUUID } from 'node:crypto';
import {
  Contract,
  ContractId,
  GuardCheck,
  GuardExceptions,
  GuardVerdict,
  HostUser,
  Job,
  JobId,
  OpenContractThread,
  OpenedContractThread,
  OpenedProposalThread,
  OpenedThread,
  OpenProposalThread,
  OpenThread,
  Proposal,
  ProposalId,
  ProtocolError,
  PutContract,
  PutJob,
  PutProposal,
  PutUser,
  StoredContract,
  ThreadId,
  type User,
  UserId,
} from '../../protocol/index.ts';
import type { Store } from '../store/store.ts';
import { bulkRoutes } from './bulk-routes.ts';
import { type HostRoute, hostRoute } from './host-route.ts';
import { LIST_ROUTES } from './list-routes.ts';
import { MODERATION_ROUTES } from './moderation-routes.ts';
import { NEWS_ROUTES } from './news-routes.ts';
import { WEBHOOK_ROUTES } from './webhook-routes.ts';

const ROUTES_OF_ONE: readonly HostRoute[] = [
  hostRoute({
    method: 'put',
    path: '/v1/users/:userId',
    doc: 'Creates or replaces a user. A changed profile is shown live to everyone who shares a thread with them. Contact data in the name or headline is put under marks, as the answer shows.',
    param: UserId,
    body: PutUser,
    result: HostUser,
    handle: async ({ store, deliver, gate, clock, news }, userId, { createdAt, country, kind, ...profile }) => {
      const { displayName, headline } = profile;
      const user: User = { userId, ...profile, displayName: gate.name(displayName), headline: gate.name(headline) };
      const { created } = await deliver(store.putUser(user, clock.now(), createdAt));
      const { changed } = await store.setAudience(userId, { country, kind });
      if (changed) news.personChanged(userId);
      return { result: { ...user, country, kind }, created };
    },
  }),
  hostRoute({
    method: 'get',
    path: '/v1/users/:userId',
    doc: 'A user as Parley knows them.',
    param: UserId,
    body: undefined,
    result: HostUser,
    handle: async ({ store }, userId) => {
      const [user] = await store.users([userId]);
      if (user === undefined) throw new ProtocolError('not_found', 'There is no user of this id.');
      const { country, kind } = await store.audienceOf(userId);
      return { result: { ...user, country, kind }, created: false };
    },
  }),
  hostRoute({
    method: 'put',
    path: '/v1/jobs/:jobId',
    doc: 'Creates or replaces a job; its client must be a user.',
    param: JobId,
    body: PutJob,
    result: Job,
    handle: async ({ store }, jobId, body) => {
      const job: Job = { jobId, ...body };
      const { created } = await store.putJob(job);
      return { result: job, created };
    },
  }),
  hostRoute({
    method: 'put',
    path: '/v1/proposals/:proposalId',
    doc: 'Creates or replaces a proposal of a freelancer for a job. A new status is shown live in its thread.',
    param: ProposalId,
    body: PutProposal,
    result: Proposal,
    handle: async ({ store, deliver, clock }, proposalId, body) => {
      const { proposal, created } = await deliver(store.putProposal(proposalId, body, clock.now()));
      return { result: proposal, created };
    },
  }),
  hostRoute({
    method: 'get',
    path: '/v1/proposals/:proposalId',
    doc: 'A proposal with its status and, once it was messaged, its thread.',
    param: ProposalId,
    body: undefined,
    result: Proposal,
    handle: async ({ store }, proposalId) => ({ result: await existing(store, proposalId), created: false }),
  }),
  hostRoute({
    method: 'post',
    path: '/v1/proposals/:proposalId/thread',
    doc: '"Send message": opens the proposal’s thread with a first message and moves the applicant to `messaged`, or posts into the thread that is there. Safe to repeat with the same `clientMessageId`.',
    param: ProposalId,
    body: OpenProposalThread,
    result: OpenedProposalThread,
    handle: async ({ store, deliver, gate, clock }, proposalId, { senderId, clientMessageId, body }) => {
      const { clientId } = await existing(store, proposalId);
      const userId = senderId ?? clientId;
      // On somebody's behalf, who sees it written here first: there is nobody to ask for a confirmation.
      const saying = { userId, clientMessageId, body, confirmed: true };
      const open = { proposalId, threadId: randomUUID(), senderId: userId, clientMessageId, at: clock.now() };
      const result = await gate.say(saying, { proposalId }, (admitted) =>
        deliver(store.openProposalThread({ ...open, ...admitted })),
      );
      return { result, created: result.opened };
    },
  }),
  hostRoute({
    method: 'put',
    path: '/v1/contracts/:contractId',
    doc: 'Creates or changes a contract. The last state wins by `version`: an older one, or the same again, changes nothing and answers what is stored (`applied` is false). It is shown live in the thread of its proposal, which is `hired` once the contract has begun.',
    param: ContractId,
    body: PutContract,
    result: StoredContract,
    handle: async ({ store, deliver, clock }, contractId, body) => {
      const { contract, created, applied } = await deliver(store.putContract(contractId, body, clock.now()));
      return { result: { contract, applied }, created };
    },
  }),
  hostRoute({
    method: 'get',
    path: '/v1/contracts/:contractId',
    doc: 'A contract as Parley knows it.',
    param: ContractId,
    body: undefined,
    result: Contract,
    handle: async ({ store }, contractId) => ({ result: await existingContract(store, contractId), created: false }),
  }),
  hostRoute({
    method: 'post',
    path: '/v1/contracts/:contractId/thread',
    doc: 'Opens a thread of the contract’s own with a first message, or posts into the one that is there. Safe to repeat with the same `clientMessageId`.',
    param: ContractId,
    body: OpenContractThread,
    result: OpenedContractThread,
    handle: async ({ store, deliver, gate, clock }, contractId, { senderId, clientMessageId, body }) => {
      const { clientId } = await existingContract(store, contractId);
      const userId = senderId ?? clientId;
      // On somebody's behalf, who sees it written here first: there is nobody to ask for a confirmation.
      const saying = { userId, clientMessageId, body, confirmed: true };
      const open = { contractId, threadId: randomUUID(), senderId: userId, clientMessageId, at: clock.now() };
      const result = await gate.say(saying, { contractId }, (admitted) =>
        deliver(store.openContractThread({ ...open, ...admitted })),
      );
      return { result, created: result.opened };
    },
  }),
  hostRoute({
    method: 'post',
    path: '/v1/threads',
    doc: 'Opens a direct or group thread. The same `threadKey` again returns the thread as it is.',
    body: OpenThread,
    result: OpenedThread,
    handle: async ({ store, deliver, gate, clock }, _, body) => {
      const open = { ...body, title: gate.name(body.title), threadId: randomUUID(), at: clock.now() };
      const result = await deliver(store.openThread(open));
      return { result, created: result.opened };
    },
  }),
  hostRoute({
    method: 'post',
    path: '/v1/guard/check',
    doc: 'What a text has that should not be said before a contract: contact data, invitations elsewhere, payment outside, rewards for the award. Stores nothing.',
    body: GuardCheck,
    result: GuardVerdict,
    handle: async ({ gate }, _, body) => ({ result: await gate.check(body), created: false }),
  }),
  hostRoute({
    method: 'put',
    path: '/v1/users/:userId/exceptions',
    doc: 'What the guard lets a client’s threads say before a contract: an enterprise agreement, legal papers, access to a system, hosts of links. Replaces what was granted before; `{}` takes it back.',
    param: UserId,
    body: GuardExceptions,
    result: GuardExceptions,
    handle: async ({ store, clock }, id, granted) => {
      await store.putExceptions('user', id, isNothing(granted) ? null : granted, clock.now());
      return { result: granted, created: false };
    },
  }),
  hostRoute({
    method: 'put',
    path: '/v1/proposals/:proposalId/exceptions',
    doc: 'The same for one proposal and its thread. Replaces what was granted before; `{}` takes it back.',
    param: ProposalId,
    body: GuardExceptions,
    result: GuardExceptions,
    handle: async ({ store, clock }, id, granted) => {
      await store.putExceptions('proposal', id, isNothing(granted) ? null : granted, clock.now());
      return { result: granted, created: false };
    },
  }),
  hostRoute({
    method: 'put',
    path: '/v1/threads/:threadId/exceptions',
    doc: 'The same for one thread. Replaces what was granted before; `{}` takes it back.',
    param: ThreadId,
    body: GuardExceptions,
    result: GuardExceptions,
    handle: async ({ store, clock }, id, granted) => {
      await store.putExceptions('thread', id, isNothing(granted) ? null : granted, clock.now());
      return { result: granted, created: false };
    },
  }),
];

export const HOST_ROUTES: readonly HostRoute[] = [
  ...ROUTES_OF_ONE,
  ...LIST_ROUTES,
  ...WEBHOOK_ROUTES,
  ...NEWS_ROUTES,
  ...bulkRoutes(ROUTES_OF_ONE),
  ...MODERATION_ROUTES,
];

const isNothing = ({ enterprise, legalDocuments, systemAccess, allowedHosts }: GuardExceptions): boolean =>
  !enterprise && !legalDocuments && !systemAccess && allowedHosts.length === 0;

const existingContract = async (store: Store, contractId: string): Promise<Contract> => {
  const contract = await store.contract(contractId);
  if (contract === undefined) throw new ProtocolError('not_found', 'There is no contract of this id; put it first.');
  return contract;
};

const existing = async (store: Store, proposalId: string): Promise<Proposal> => {
  const proposal = await store.proposal(proposalId);
  if (proposal === undefined) throw new ProtocolError('not_found', 'There is no proposal of this id; put it first.');
  return proposal;
};
