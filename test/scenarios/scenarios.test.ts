/** Every scenario, on every topology. Each has people of its own, so that several play in one world at a time. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { TOPOLOGIES } from '../support/topologies.ts';
import { abuse } from './abuse.ts';
import { cluster } from './cluster.ts';
import { delivery } from './delivery.ts';
import { host } from './host.ts';
import { interviews } from './interviews.ts';
import { keys } from './keys.ts';
import { media } from './media.ts';
import { outages } from './outages.ts';
import { presence } from './presence.ts';
import { sessions } from './sessions.ts';
import { threads } from './threads.ts';
import { type Scenario, startWorld, type World } from './world.ts';

const TOGETHER = { delivery, threads, sessions, presence, abuse, host, interviews };
const ALONE = { keys, media, outages, cluster };

describe('the scenarios', () => {
  it('[FA4] are at least sixty, each written once', () => {
    const all = [...Object.values(TOGETHER), ...Object.values(ALONE)].flat();
    expect(all.length).toBeGreaterThanOrEqual(60);
    expect(new Set(all.map(({ title }) => title)).size).toBe(all.length);
  });
});

for (const topology of TOPOLOGIES)
  describe(`on ${topology}`, () => {
    let world: World;
    beforeAll(async () => {
      world = await startWorld(topology);
    });
    afterAll(() => world?.close());

    const here = (scenarios: readonly Scenario[]) => scenarios.filter(({ on }) => on === 'both' || on === topology);
    for (const [name, scenarios] of Object.entries(TOGETHER))
      describe.concurrent(name, () => {
        for (const { title, play } of here(scenarios)) it(title, () => play(world));
      });
    for (const [name, scenarios] of Object.entries(ALONE).filter(([, all]) => here(all).length > 0))
      describe(name, () => {
        for (const { title, play } of here(scenarios)) it(title, () => play(world));
      });
  });
