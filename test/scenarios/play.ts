/** Every scenario. Each has people of its own, so that several play in one world at a time. */
import { afterAll, beforeAll, describe, it } from 'vitest';
import type { Topology } from '../support/deployment.ts';
import { abuse } from './abuse.ts';
import { announcements } from './announcements.ts';
import { cluster } from './cluster.ts';
import { delivery } from './delivery.ts';
import { groups } from './groups.ts';
import { guard } from './guard.ts';
import { hiring } from './hiring.ts';
import { host } from './host.ts';
import { interviews } from './interviews.ts';
import { keys } from './keys.ts';
import { marks } from './marks.ts';
import { media } from './media.ts';
import { moderation } from './moderation.ts';
import { outages } from './outages.ts';
import { presence } from './presence.ts';
import { sessions } from './sessions.ts';
import { threads } from './threads.ts';
import { type Scenario, startWorld, type World } from './world.ts';

const TOGETHER = {
  delivery,
  threads,
  sessions,
  presence,
  abuse,
  host,
  hiring,
  groups,
  marks,
  interviews,
  moderation,
  announcements,
};
const GUARDED = { guard };
/** What the operator of the guarded world has changed. */
const POLICY = { before: { address: 'hold', meeting_link: 'warn' } };
const ALONE = { keys, media, outages, cluster };

export const scenarios: readonly Scenario[] = [
  ...Object.values(TOGETHER),
  ...Object.values(GUARDED),
  ...Object.values(ALONE),
].flat();

/** Plays them all on two deployments, one with the guard. A topology has a test file of its own: what one brings down leaves the other standing. */
export const playOn = (topology: Topology): void => {
  const here = (all: readonly Scenario[]) => all.filter(({ on }) => on === 'both' || on === topology);
  const playIn = (env: Record<string, string>, together: Record<string, readonly Scenario[]>, alone: typeof together): void => {
    let world: World;
    beforeAll(async () => {
      world = await startWorld(topology, env);
    });
    afterAll(() => world?.close());
    for (const [name, all] of Object.entries(together))
      describe.concurrent(name, () => {
        for (const { title, play } of here(all)) it(title, () => play(world));
      });
    for (const [name, all] of Object.entries(alone).filter(([, each]) => here(each).length > 0))
      describe(name, () => {
        for (const { title, play } of here(all)) it(title, () => play(world));
      });
  };
  describe(`on ${topology}`, () => playIn({}, TOGETHER, ALONE));
  describe(`on ${topology}, guarded`, () => playIn({ PARLEY_SAFETY_POLICY: JSON.stringify(POLICY) }, GUARDED, {}));
};
