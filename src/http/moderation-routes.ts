/** Moderation for the host platform, whose moderators may work in a place of its own. */
import { z } from 'zod';
import {
  AuditEntry,
  Blocks,
  CaseDetails,
  CaseId,
  CasePage,
  DecideCase,
  ListAudit,
  ListCases,
  ModerationCase,
  ReadCase,
  ReviewCase,
  UserId,
} from '../../protocol/index.ts';
import { type HostRoute, hostQuery, hostRoute } from './host-route.ts';

export const MODERATION_ROUTES: readonly HostRoute[] = [
  hostQuery({
    path: '/v1/moderation/cases',
    doc: 'Cases that wait, the oldest first; or that were decided and may be looked at once more, or are closed, the newest first. `next` goes on where the page ends, as `afterAt` and `afterCaseId`.',
    query: ListCases,
    result: CasePage,
    handle: ({ moderation }, { list, kind, limit, afterAt, afterCaseId }) => {
      const after = afterAt === undefined || afterCaseId === undefined ? undefined : { at: afterAt, caseId: afterCaseId };
      return moderation.list({ list, kind, limit, after });
    },
  }),
  {
    method: 'get',
    path: '/v1/moderation/cases/:caseId',
    doc: 'A case with its text, opened from its seal, and what was said around it. The audit log has that `moderatorId` looked.',
    param: CaseId,
    body: undefined,
    query: ReadCase,
    result: CaseDetails,
    handle: async ({ moderation }, caseId, query) => {
      const { moderatorId } = query as z.output<typeof ReadCase>;
      return { result: await moderation.read(caseId, { moderatorId, via: 'host' }), created: false };
    },
  },
  hostRoute({
    method: 'post',
    path: '/v1/moderation/cases/:caseId/decisions',
    doc: 'Decides a case on behalf of a moderator, once and with a reason; the same again changes nothing.',
    param: CaseId,
    body: DecideCase,
    result: ModerationCase,
    handle: async ({ moderation }, caseId, decision) => ({
      result: await moderation.decide({ caseId, ...decision }),
      created: false,
    }),
  }),
  hostRoute({
    method: 'post',
    path: '/v1/moderation/cases/:caseId/second-look',
    doc: 'Confirms or reverses what another moderator decided; once.',
    param: CaseId,
    body: ReviewCase,
    result: ModerationCase,
    handle: async ({ moderation }, caseId, review) => ({
      result: await moderation.review({ caseId, ...review }),
      created: false,
    }),
  }),
  hostQuery({
    path: '/v1/moderation/audit',
    doc: 'The audit log by the numbers of its entries. Each has the hash of the one before in its own, so that nobody changes one unseen.',
    query: ListAudit,
    result: z.object({ entries: z.array(AuditEntry), next: z.int().nullable() }),
    async handle({ store }, { after, limit }) {
      const entries = await store.auditEntries({ after, limit });
      return { entries, next: entries.length < limit ? null : (entries.at(-1)?.seq ?? null) };
    },
  }),
  hostRoute({
    method: 'get',
    path: '/v1/users/:userId/blocks',
    doc: 'Whom a user has blocked, and who has blocked them.',
    param: UserId,
    body: undefined,
    result: Blocks,
    handle: async ({ store }, userId) => ({ result: await store.blocksOf(userId), created: false }),
  }),
];
