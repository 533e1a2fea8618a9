import fc from 'fast-check';
import { expect, it } from 'vitest';
import { pathOf, type Route, routeOf } from './route.ts';

it('[WEB4] every place has an address of its own, whatever characters its id has', () => {
  const id = fc.string({ minLength: 1 }).filter((text) => text.isWellFormed());
  const route: fc.Arbitrary<Route> = fc.oneof(
    fc.constant<Route>({ page: 'threads' }),
    fc.constant<Route>({ page: 'archived' }),
    fc.constant<Route>({ page: 'jobs' }),
    fc.constant<Route>({ page: 'proposals' }),
    fc.constant<Route>({ page: 'moderation' }),
    id.map((caseId): Route => ({ page: 'case', caseId })),
    id.map((threadId): Route => ({ page: 'thread', threadId })),
    id.map((jobId): Route => ({ page: 'job', jobId })),
    fc.tuple(id, fc.nat(1e8)).map(([threadId, before]): Route => ({ page: 'thread', threadId, offset: before + 1 })),
    id.map((proposalId): Route => ({ page: 'proposal', proposalId })),
  );
  fc.assert(
    fc.property(route, (place) => {
      expect(routeOf(pathOf(place))).toEqual(place);
    }),
  );
});

it('[WEB4] an address that names no place shows the thread list', () => {
  for (const path of ['', '/', '/threads', '/threads/', '/threads/%E0%A4%A', '/elsewhere/1'])
    expect(routeOf(path), path).toEqual({ page: 'threads' });
});
