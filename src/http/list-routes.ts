/** Lists: all users, jobs, proposals and contracts that the host platform put, page by page, and one job. */
import type { z } from 'zod';
import { Contract, HostPage, hostPageOf, Job, JobId, Proposal, ProtocolError, User } from '../../protocol/index.ts';
import type { HostList, HostListPage } from '../store/store.ts';
import { type HostContext, type HostRoute, hostQuery, hostRoute } from './host-route.ts';

/** The opaque cursor is the last identifier of the page. */
const toCursor = (id: string): string => Buffer.from(id).toString('base64url');

const fromCursor = (cursor: string | undefined): string | undefined => {
  if (cursor === undefined) return undefined;
  const id = Buffer.from(cursor, 'base64url').toString();
  // Identifiers of users, jobs, proposals and contracts are alike.
  if (toCursor(id) === cursor && JobId.safeParse(id).success) return id;
  throw new ProtocolError('invalid', 'The `cursor` is not the `next` of a page.', {
    issues: [{ path: 'cursor', message: 'must be the `next` of a page' }],
  });
};

const listRoute = <Item extends z.ZodType>(definition: {
  path: string;
  doc: string;
  param?: z.ZodType<string>;
  item: Item;
  list: (context: HostContext, page: HostListPage, param: string) => Promise<HostList<z.output<Item>>>;
  idOf: (item: z.output<Item>) => string;
}): HostRoute =>
  hostQuery({
    path: definition.path,
    doc: `${definition.doc} In pages, in the order of identifiers: \`next\` is the \`cursor\` of the page behind, and null at the end.`,
    ...(definition.param === undefined ? {} : { param: definition.param }),
    query: HostPage,
    result: hostPageOf(definition.item),
    async handle(context, { cursor, limit }, param) {
      const { items, more } = await definition.list(context, { after: fromCursor(cursor), limit }, param);
      const last = more ? items.at(-1) : undefined;
      return { items, next: last === undefined ? null : toCursor(definition.idOf(last)) };
    },
  });

const existingJob = async ({ store }: HostContext, jobId: string): Promise<Job> => {
  const job = await store.job(jobId);
  if (job === undefined) throw new ProtocolError('not_found', 'There is no job of this id; put it first.');
  return job;
};

export const LIST_ROUTES: readonly HostRoute[] = [
  listRoute({
    path: '/v1/users',
    doc: 'All users.',
    item: User,
    list: ({ store }, page) => store.listUsers(page),
    idOf: ({ userId }) => userId,
  }),
  listRoute({
    path: '/v1/jobs',
    doc: 'All jobs.',
    item: Job,
    list: ({ store }, page) => store.listJobs(page),
    idOf: ({ jobId }) => jobId,
  }),
  hostRoute({
    method: 'get',
    path: '/v1/jobs/:jobId',
    doc: 'A job as Parley knows it.',
    param: JobId,
    body: undefined,
    result: Job,
    handle: async (context, jobId) => ({ result: await existingJob(context, jobId), created: false }),
  }),
  listRoute({
    path: '/v1/jobs/:jobId/proposals',
    doc: 'The proposals for a job.',
    param: JobId,
    item: Proposal,
    async list(context, page, jobId) {
      await existingJob(context, jobId);
      return context.store.listProposals({ ...page, jobId });
    },
    idOf: ({ proposalId }) => proposalId,
  }),
  listRoute({
    path: '/v1/proposals',
    doc: 'All proposals.',
    item: Proposal,
    list: ({ store }, page) => store.listProposals(page),
    idOf: ({ proposalId }) => proposalId,
  }),
  listRoute({
    path: '/v1/contracts',
    doc: 'All contracts.',
    item: Contract,
    list: ({ store }, page) => store.listContracts(page),
    idOf: ({ contractId }) => contractId,
  }),
];
