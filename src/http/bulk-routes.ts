/** Bulk requests: many users, jobs, proposals or contracts at once, each put as its own route would put it. */
import { z } from 'zod';
import { BulkContract, BulkJob, BulkProposal, BulkUser, bulkOf, bulkResultOf, ProtocolError } from '../../protocol/index.ts';
import { type HostContext, type HostRoute, hostRoute } from './host-route.ts';

/** Bodies of 500 proposals with long letters. */
const MAX_BULK_BYTES = 4 * 1024 * 1024;
/** Items that are written at the same time; the store makes one commit of those that arrive together. */
const AT_ONCE = 20;

/** Given the routes of one, whose puts the bulk requests make. */
export const bulkRoutes = (single: readonly HostRoute[]): readonly HostRoute[] => {
  const putOf = (path: string): HostRoute => single.find((route) => route.method === 'put' && route.path === path)!;
  return [
    bulkRoute(putOf('/v1/users/:userId'), 'userId', BulkUser),
    bulkRoute(putOf('/v1/jobs/:jobId'), 'jobId', BulkJob),
    bulkRoute(putOf('/v1/proposals/:proposalId'), 'proposalId', BulkProposal),
    bulkRoute(putOf('/v1/contracts/:contractId'), 'contractId', BulkContract),
  ];
};

/** Its items are put by the route of `one`, under the identifier that each has in `idName`. */
const bulkRoute = (one: HostRoute, idName: string, item: z.ZodType): HostRoute => {
  const path = `${one.path.slice(0, one.path.lastIndexOf('/'))}/bulk`;
  return hostRoute({
    method: 'post',
    path,
    doc: 'Up to 500 at once, in their order. Each is answered as its own route would answer it, and one that is refused does not stop the others.',
    body: bulkOf(z.unknown()),
    documented: bulkOf(item),
    result: bulkResultOf(one.result),
    maxBodyBytes: MAX_BULK_BYTES,
    handle: async (context, _, items) => {
      const results: BulkAnswer[] = [];
      for (const group of groupsOf(items, idName)) {
        results.push(...(await Promise.all(group.map((each) => answerOf(context, one, idName, item, each)))));
      }
      return { result: { results }, created: false };
    },
  });
};

type BulkAnswer = { status: number; result: unknown } | { status: number; error: ReturnType<ProtocolError['toWire']> };

const answerOf = async (
  context: HostContext,
  one: HostRoute,
  idName: string,
  item: z.ZodType,
  value: unknown,
): Promise<BulkAnswer> => {
  try {
    const parsed = item.safeParse(value);
    if (!parsed.success) throw ProtocolError.fromZod(parsed.error);
    const { [idName]: id, ...body } = parsed.data as Record<string, unknown>;
    const { result, created } = await one.handle(context, id as string, body);
    return { status: created ? 201 : 200, result };
  } catch (error) {
    if (!(error instanceof ProtocolError)) throw error;
    return { status: error.status, error: error.toWire() };
  }
};

/** Items in their order, so many at once, and never two of one identifier. */
function* groupsOf(items: readonly unknown[], idName: string): Generator<readonly unknown[]> {
  let group: unknown[] = [];
  let ids = new Set<unknown>();
  for (const item of items) {
    const id = (item as Record<string, unknown> | null)?.[idName];
    if (group.length === AT_ONCE || ids.has(id)) {
      yield group;
      group = [];
      ids = new Set();
    }
    group.push(item);
    ids.add(id);
  }
  if (group.length > 0) yield group;
}
