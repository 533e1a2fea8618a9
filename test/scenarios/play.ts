/** Every scenario. Each has people of its own, so that several play in one world at a time. */
import { afterAll, beforeAll, describe, it } from 'vitest';
import type { Topology } from '../support/deployment.ts';
import { abuse } from './abuse.ts';
import { announcements } from './announcements.ts';
import { cluster } from './cluster.ts';
import { delivery } from './delivery.ts';
import { hiring } from './hiring.ts';
import { host } from './host.ts';
import { interviews } from './interviews.ts';
import { keys } from './keys.ts';
import { media } from './media.ts';
import { outages } from './outages.ts';
import { presence } from './presence.ts';
import { sessions } from './sessions.ts';
import { threads } from './threads.ts';
import { type Scenario, startWorld, type World } from './world.ts';

const TOGETHER = { delivery, threads, sessions, presence, abuse, host, hiring, interviews, announcements };
const ALONE = { keys, media, outages, cluster };

export const scenarios: readonly Scenario[] = [...Object.values(TOGETHER), ...Object.values(ALONE)].flat();

/** Plays them all on one deployment. A topology has a test file of its own: what one brings down leaves the other standing. */
export const playOn = (topology: Topology): void => {
  describe(`on ${topology}`, () => {
    let world: World;
    beforeAll(async () => {
      world = await startWorld(topology);
    });
    afterAll(() => world?.close());

    const here = (all: readonly Scenario[]) => all.filter(({ on }) => on === 'both' || on === topology);
    for (const [name, all] of Object.entries(TOGETHER))
      describe.concurrent(name, () => {
        for (const { title, play } of here(all)) it(title, () => play(world));
      });
    for (const [name, all] of Object.entries(ALONE).filter(([, each]) => here(each).length > 0))
      describe(name, () => {
        for (const { title, play } of here(all)) it(title, () => play(world));
      });
  });
};
