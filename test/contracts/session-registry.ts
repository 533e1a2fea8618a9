/** What every session registry promises (src/session/session-registry.ts), for any implementation. */
import { afterEach, describe, expect, it } from 'vitest';
import type { SessionRegistry } from '../../src/session/session-registry.ts';
import { until } from '../support/until.ts';

/** Graces in the contract; a lease is never waited for here. */
export const CONTRACT_LEASES = { graceMs: 300, leaseMs: 60_000 };

/** `join` makes one more node of the same registry. */
export const sessionRegistryContract = (name: string, join: (nodeId: string) => Promise<SessionRegistry>): void => {
  describe(`session registry contract: ${name}`, () => {
    const opened: SessionRegistry[] = [];
    let run = 0;
    const node = async (nodeId: string) => {
      const registry = await join(`${nodeId}-${run}`);
      const moved: string[] = [];
      registry.onMoved((sessionId) => moved.push(sessionId));
      opened.push(registry);
      return { registry, moved, nodeId: `${nodeId}-${run}` };
    };
    const session = (): string => `session-${name}-${run++}`;
    afterEach(async () => {
      await Promise.all(opened.splice(0).map((registry) => registry.close()));
    });

    it('[SE24] a session is claimed by another node, which learns who had it; that one is told, once', async () => {
      const sessionId = session();
      const [a, b] = [await node('a'), await node('b')];
      a.registry.open(sessionId, 'ada');
      expect(await until('the session', () => alive(b.registry, sessionId))).toEqual({ is: 'alive', previousNodeId: a.nodeId });
      await until('the word that it moved', () => a.moved.length > 0);
      expect(await b.registry.claim(sessionId, 'ada')).toEqual({ is: 'alive', previousNodeId: b.nodeId });
      expect([a.moved, b.moved]).toEqual([[sessionId], []]);
    });

    it('[SE24] a session that comes back at once is not taken by the word of its first move', async () => {
      const sessionId = session();
      const [a, b] = [await node('a'), await node('b')];
      a.registry.open(sessionId, 'ada');
      await until('the session', () => alive(b.registry, sessionId));
      await b.registry.claim(sessionId, 'ada');
      await a.registry.claim(sessionId, 'ada');
      const { previousNodeId } = (await a.registry.claim(sessionId, 'ada')) as { previousNodeId: string };
      expect(previousNodeId).toBe(a.nodeId);
      await until('the word that it moved', () => b.moved.length === 1);
      expect(await a.registry.end(sessionId)).toBe(true);
    });

    it('[SE24] many claims at once: one node has the session at the end, and every other that had it was told', async () => {
      const sessionId = session();
      const nodes = [await node('a'), await node('b'), await node('c')];
      nodes[0]?.registry.open(sessionId, 'ada');
      await until('the session', () => alive((nodes[0] as (typeof nodes)[0]).registry, sessionId));
      const claims = await Promise.all(nodes.map(({ registry }) => registry.claim(sessionId, 'ada')));
      expect(claims.map(({ is }) => is)).toEqual(['alive', 'alive', 'alive']);
      await until('two words that it moved', () => nodes.filter(({ moved }) => moved.length > 0).length >= 2);
      const ended = await Promise.all(nodes.map(({ registry, moved }) => moved.length === 0 && registry.end(sessionId)));
      expect(ended.filter(Boolean)).toHaveLength(1);
    });

    it('[SE25] what another user claims, or what was ended, is not alive; what never was is unknown', async () => {
      const sessionId = session();
      const [a, b] = [await node('a'), await node('b')];
      expect(await b.registry.claim('no-such-session', 'ada')).toEqual({ is: 'unknown' });
      a.registry.open(sessionId, 'ada');
      await until('the session', () => alive(a.registry, sessionId));
      expect(await b.registry.claim(sessionId, 'eve')).toEqual({ is: 'ended' });
      expect(await a.registry.end(sessionId)).toBe(true);
      expect(await b.registry.claim(sessionId, 'ada')).toEqual({ is: 'ended' });
    });

    it('[SE25] a node that lost a session cannot end it', async () => {
      const sessionId = session();
      const [a, b] = [await node('a'), await node('b')];
      a.registry.open(sessionId, 'ada');
      await until('the session', () => alive(b.registry, sessionId));
      await until('the word that it moved', () => a.moved.length === 1);
      await a.registry.end(sessionId);
      expect((await b.registry.claim(sessionId, 'ada')).is).toBe('alive');
    });

    it('[SE25] a session that was released, or whose node closed, lives for its grace and not longer', async () => {
      const [released, left] = [session(), session()];
      const [a, b, c] = [await node('a'), await node('b'), await node('c')];
      a.registry.open(released, 'ada');
      b.registry.open(left, 'ada');
      await until('the sessions', async () => (await alive(a.registry, released)) && (await alive(b.registry, left)));
      a.registry.release(released);
      b.registry.release(left);
      await b.registry.close();
      expect((await c.registry.claim(released, 'ada')).is).toBe('alive');
      expect((await c.registry.claim(left, 'ada')).is).toBe('alive');
      for (const sessionId of [released, left]) {
        c.registry.release(sessionId);
        // A claim would begin the lease anew: another user's tells as much.
        await until('the grace to end', async () => (await c.registry.claim(sessionId, 'eve')).is === 'unknown');
      }
    });
  });
};

const alive = async (registry: SessionRegistry, sessionId: string) => {
  const claim = await registry.claim(sessionId, 'ada').catch(() => undefined);
  return claim?.is === 'alive' && claim;
};
