import { randomUUID } from 'node:crypto';
import { afterEach, describe, expect, it } from 'vitest';
import { type MediaCluster, type Person, startMediaCluster } from '../support/media-cluster.ts';
import { until } from '../support/until.ts';

describe('a call on media nodes of their own', () => {
  let cluster: MediaCluster;
  afterEach(() => cluster.close());

  const bothSee = (ada: Person, bob: Person, frames = 10): Promise<unknown> =>
    Promise.all([ada.rtc.decodes(bob.rtc.participantId, frames, 30_000), bob.rtc.decodes(ada.rtc.participantId, frames, 30_000)]);
  const readiness = async (nodeId: string): Promise<number> => {
    const { server } = cluster.nodes.find((node) => node.nodeId === nodeId)!;
    return (await fetch(`http://127.0.0.1:${server.port}/readyz`)).status;
  };
  /** Drains the node that does not have the call, or calls that off; resolves when it has heard of it. */
  const drainOther = async (nodeId: string, draining: boolean): Promise<void> => {
    const other = cluster.nodes.find((node) => node.nodeId !== nodeId)!;
    await cluster.drain(other.nodeId, draining);
    await until('the other node to hear of it', async () => (await readiness(other.nodeId)) === (draining ? 503 : 200));
  };
  const cameBack = async (ada: Person, bob: Person, since: number): Promise<void> => {
    await until('both to have joined again', () => ada.rejoins() > 0 && bob.rejoins() > 0, 30_000);
    await bothSee(ada, bob, 1);
    console.info(`Media was back ${Math.round(performance.now() - since)} ms after the fault.`);
    await bothSee(ada, bob);
    // The first to come back finds the room empty, the second finds the first.
    const sizes = [ada, bob].map(({ rtc }) => rtc.state.participants.length);
    expect(Math.max(...sizes)).toBe(2);
    expect(ada.rtc.state.epoch).toBe(bob.rtc.state.epoch);
  };

  it('[CT17] a media node that is killed loses its rooms to another, and the people come back by themselves', async () => {
    cluster = await startMediaCluster();
    const [ada, bob] = await cluster.talk();
    const { epoch } = ada.rtc.state;
    const node = await cluster.busy();
    const since = performance.now();
    await node.server.stop('SIGKILL');
    await cameBack(ada, bob, since);
    expect(ada.rtc.state.epoch).toBeGreaterThan(epoch);
    expect((await cluster.busy()).nodeId).not.toBe(node.nodeId);
  });

  /** Two people are more than a node carries here. */
  const SMALL = { PARLEY_MEDIA_WORKERS: '1', PARLEY_MEDIA_CONSUMERS_PER_WORKER: '2' };

  it('[ME60] [ME63] a room larger than its node is on two, and only those on the one that is killed or drains move', async () => {
    cluster = await startMediaCluster({}, SMALL);
    const [ada, bob] = await cluster.talk();
    const { own, lender } = await cluster.lending();
    expect((await cluster.carriers()).sort()).toEqual([own.nodeId, lender.nodeId].sort());
    const rooms = await (await fetch(`http://127.0.0.1:${own.server.port}/metrics`)).text();
    expect(rooms).toMatch(/^parley_media_lent_places\{[^}]*\} 0$/m);
    // Redis and gateways know one node of the room; a gateway that takes Bob over asks that one.
    expect(await bob.resumeOn(cluster.gateways[0]!)).toMatchObject({ resumed: true });
    await bothSee(ada, bob, 5);
    await lender.server.stop('SIGKILL');
    await until('those who were there to have joined again', () => ada.rejoins() + bob.rejoins() > 0, 20_000);
    await bothSee(ada, bob, 5);
    expect([ada.rejoins(), bob.rejoins()].sort()).toEqual([0, 1]);
    expect(ada.rtc.state.epoch).toBe(bob.rtc.state.epoch);
  });

  it('[ME64] when the node of such a room is killed the room is placed anew, and the lender lets go', async () => {
    cluster = await startMediaCluster({}, SMALL);
    const [ada, bob] = await cluster.talk();
    const { own, lender } = await cluster.lending();
    const since = performance.now();
    await own.server.stop('SIGKILL');
    await cameBack(ada, bob, since);
    expect(await cluster.carriers()).toEqual([lender.nodeId]);
    await until('nothing to be lent', async () => {
      const metrics = await (await fetch(`http://127.0.0.1:${lender.server.port}/metrics`)).text();
      return !/parley_media_lent_places\{[^}]*\} [1-9]/.test(metrics);
    });
  });

  it('[CT17] so does one that hangs, and when it goes on it has nobody any more', async () => {
    cluster = await startMediaCluster();
    const [ada, bob] = await cluster.talk();
    const node = await cluster.busy();
    const since = performance.now();
    process.kill(node.server.pid(), 'SIGSTOP');
    await cameBack(ada, bob, since);
    process.kill(node.server.pid(), 'SIGCONT');
    await until('the old node to have let the room go', async () => {
      const metrics = await (await fetch(`http://127.0.0.1:${node.server.port}/metrics`)).text();
      return /parley_media_rooms/.test(metrics) && !/parley_media_rooms\{[^}]*\} [1-9]/.test(metrics);
    });
    await bothSee(ada, bob);
    expect([ada.rejoins(), bob.rejoins()]).toEqual([1, 1]);
  });

  it('[CT22] [OP40] a media node that is told to end waits for its call and takes no other, and is called off or ends when it is empty', async () => {
    cluster = await startMediaCluster();
    const [ada, bob] = await cluster.talk();
    const node = await cluster.busy();
    await drainOther(node.nodeId, true);
    const isReady = async (): Promise<boolean> => (await fetch(`http://127.0.0.1:${node.server.port}/readyz`)).ok;
    const ended = node.server.stop('SIGTERM');
    await until('it to drain', async () => !(await isReady()));
    const metrics = await (await fetch(`http://127.0.0.1:${node.server.port}/metrics`)).text();
    expect(metrics).toMatch(/^parley_media_node_available 0$/m);
    expect(metrics).toMatch(/^parley_media_node_draining 1$/m);
    await bothSee(ada, bob, 20);
    await cluster.drain(node.nodeId, false);
    await until('the drain to be called off', isReady);
    await bothSee(ada, bob, 5);
    process.kill(node.server.pid(), 'SIGTERM');
    await until('it to drain again', async () => !(await isReady()));
    for (const { rtc } of [ada, bob]) await rtc.link.request('room.leave', rtc.as);
    expect(await ended).toBe(0);
  });

  it('[MV13] [CT7] a node that drains keeps its call while there is no other node, and when the drain is called off', async () => {
    cluster = await startMediaCluster();
    const [ada, bob] = await cluster.talk();
    const { nodeId } = await cluster.busy();
    await drainOther(nodeId, true);
    await cluster.drain(nodeId, true);
    await bothSee(ada, bob, 60);
    await cluster.drain(nodeId, false);
    await until('the drain to be called off', async () => (await readiness(nodeId)) === 200);
    await drainOther(nodeId, false);
    await bothSee(ada, bob, 40);
    expect([ada, bob].flatMap(({ rtc }) => rtc.events('room.moving'))).toEqual([]);
    expect(await cluster.carriers()).toEqual([nodeId]);
  });

  it('[MV12] [MV14] who does not move is found where they are, and at the deadline told that the room reopened, on another node', async () => {
    cluster = await startMediaCluster({}, { PARLEY_MEDIA_MOVE_MS: '5000' });
    const [ada, bob] = await cluster.talk();
    const { epoch } = ada.rtc.state;
    const { nodeId } = await cluster.busy();
    await cluster.drain(nodeId, true);
    await Promise.all([ada, bob].map(({ rtc }) => rtc.event('room.moving', ({ withinMs }) => withinMs === 5_000)));
    await ada.resumeOn(cluster.gateways[1]!);
    await bothSee(ada, bob, 20);
    expect([ada.rejoins(), bob.rejoins()]).toEqual([0, 0]);
    await cameBack(ada, bob, performance.now());
    expect(ada.rtc.state.epoch).toBeGreaterThan(epoch);
    expect(await cluster.carriers()).not.toContain(nodeId);
    expect([ada.rejoins(), bob.rejoins()]).toEqual([1, 1]);
  });

  it('[MV16] an interview that ends while its room moves is over for those who have not moved', async () => {
    cluster = await startMediaCluster();
    const [ada, bob] = await cluster.talk();
    const { nodeId } = await cluster.busy();
    await cluster.drain(nodeId, true);
    await Promise.all([ada, bob].map(({ rtc }) => rtc.event('room.moving')));
    await ada.socket().request('interview.end', { interviewId: ada.rtc.interviewId });
    await Promise.all([ada, bob].map(({ rtc }) => rtc.event('room.closed')));
    await until('the nodes to be empty', async () => (await cluster.carriers()).length === 0, 15_000);
    expect([ada.rejoins(), bob.rejoins()]).toEqual([0, 0]);
  });

  it('[MV15] when the node that a room moves to is killed, its people have media again where they were', async () => {
    cluster = await startMediaCluster({}, { PARLEY_MEDIA_MOVE_MS: '6000' });
    const [ada, bob] = await cluster.talk();
    const { nodeId } = await cluster.busy();
    await cluster.drain(nodeId, true);
    await Promise.all([ada, bob].map(({ rtc }) => rtc.event('room.moving')));
    await cluster.nodes.find((node) => node.nodeId !== nodeId)!.server.stop('SIGKILL');
    await bothSee(ada, bob, 20);
    await cameBack(ada, bob, performance.now());
    expect(await cluster.carriers()).toEqual([nodeId]);
  });

  it('[CT18] Redis that is away during a call is not noticed in it, and people join it all the same', async () => {
    cluster = await startMediaCluster();
    const [ada, bob] = await cluster.talk();
    await cluster.redis.stop();
    await bothSee(ada, bob, 60);
    const late = await cluster.signIn(cluster.gateways[0]!, 'client');
    const { interviewId } = ada.rtc;
    const joined = await late.request('room.join', { interviewId, participantId: randomUUID() });
    expect(joined.state.participants).toHaveLength(2);
    await cluster.redis.start();
    await until(
      'the nodes to be registered again',
      async () => {
        const ready = await Promise.all(
          cluster.nodes.map(({ server }) => fetch(`http://127.0.0.1:${server.port}/readyz`).then(({ ok }) => ok)),
        );
        return ready.every(Boolean);
      },
      15_000,
    );
    expect(bob.rejoins()).toBe(0);
  });

  it('[CT18] a room that no gateway knows cannot be joined while Redis is away, and can when it is back', async () => {
    cluster = await startMediaCluster();
    const [gateway] = cluster.gateways;
    const caller = await cluster.signIn(gateway!, 'client');
    const interviewId = randomUUID();
    await caller.request('interview.call', { threadId: cluster.threadId, interviewId, media: 'audio' });
    await cluster.redis.stop();
    const join = { interviewId, participantId: randomUUID() };
    expect(await caller.refused('room.join', join)).toMatchObject({ code: 'unavailable', retryable: true });
    await cluster.redis.start();
    await until(
      'the room to be joined',
      async () => {
        const reply = await caller.reply(caller.ask('room.join', join));
        return reply.error === undefined;
      },
      20_000,
    );
  });

  it('[CT19] the line between gateways and a node breaks: media flows on, commands wait, nobody is thrown out', async () => {
    cluster = await startMediaCluster();
    const [ada, bob] = await cluster.talk();
    const node = await cluster.busy();
    node.proxy.cut();
    await bothSee(ada, bob, 40);
    const restart = { ...ada.rtc.as, direction: 'send' } as const;
    const refused = ada.socket().reply(ada.socket().ask('transport.restart_ice', restart));
    expect((await refused).error).toMatchObject({ code: 'unavailable', retryable: true });
    node.proxy.restore();
    await until(
      'commands to get through',
      async () => (await ada.socket().reply(ada.socket().ask('transport.restart_ice', restart))).error === undefined,
      15_000,
    );
    await until('each to be told that the other is there', () =>
      [ada, bob].every(({ rtc }) => rtc.events('participant.connection').at(-1)?.connected !== false),
    );
    await bothSee(ada, bob, 1);
    expect([ada.rejoins(), bob.rejoins()]).toEqual([0, 0]);
    expect(ada.rtc.events('participant.left')).toEqual([]);
  });

  it('[CT20] a gateway that goes away leaves the media alone, and its people are resumed through another', async () => {
    cluster = await startMediaCluster();
    const [ada, bob] = await cluster.talk();
    const [first, last] = cluster.gateways;
    await first!.close();
    await bothSee(ada, bob, 20);
    await ada.resumeOn(last!);
    await until('ada to be back for bob', () => bob.rtc.events('participant.connection').at(-1)?.connected === true);
    await bothSee(ada, bob, 20);
    expect([ada.rejoins(), bob.rejoins()]).toEqual([0, 0]);
    expect(bob.rtc.events('participant.left')).toEqual([]);
  });

  it('[CT21] an interview ends once though the gateway that began it is gone: missed, and ended when its room stays empty', async () => {
    cluster = await startMediaCluster({ 'interview.ringMs': 3_000, 'interview.emptyMs': 2_000 });
    const [first, last] = cluster.gateways;
    const caller = await cluster.signIn(first!, 'client');
    const interviewId = randomUUID();
    await caller.request('interview.call', { threadId: cluster.threadId, interviewId, media: 'audio' });
    await first!.close();
    const stateOf = async (id: string) => (await cluster.store.interview(id))?.state;
    await until('it to be missed', async () => (await stateOf(interviewId)) === 'missed', 30_000);
    const again = randomUUID();
    const other = await cluster.signIn(last!, 'talent');
    await other.request('interview.call', { threadId: cluster.threadId, interviewId: again, media: 'audio' });
    await (await cluster.signIn(last!, 'client')).request('interview.answer', { interviewId: again });
    await until('it to end', async () => (await stateOf(again)) === 'ended', 30_000);
    const { events } = await cluster.store.history('client', { threadId: cluster.threadId, limit: 100 });
    const told = events.flatMap((event) => (event.type === 'interview.changed' ? [event.interview.state] : []));
    expect(told).toEqual(['ringing', 'missed', 'ringing', 'live', 'ended']);
  });
});
