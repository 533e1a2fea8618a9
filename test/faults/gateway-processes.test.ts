/** Gateways that are processes, killed for real: on Redis and PostgreSQL, with media nodes of their own. */
import { randomUUID } from 'node:crypto';
import { afterEach, describe, expect, it } from 'vitest';
import { createClient } from '../../client/index.ts';
import type { GatewayProcess } from '../support/gateway-process.ts';
import { type MediaCluster, type Person, startProcessCluster } from '../support/media-cluster.ts';
import { recording } from '../support/recording-socket.ts';
import { until } from '../support/until.ts';
import { watchGaps } from '../support/watch-gaps.ts';

describe('gateways in processes of their own', () => {
  let cluster: MediaCluster<GatewayProcess>;
  const closings: (() => unknown)[] = [];
  afterEach(async () => {
    for (const close of closings.splice(0).reverse()) await close();
    await cluster.close();
  });

  const bothSee = (ada: Person, bob: Person, frames = 10): Promise<unknown> =>
    Promise.all([ada.rtc.decodes(bob.rtc.participantId, frames, 30_000), bob.rtc.decodes(ada.rtc.participantId, frames, 30_000)]);
  const isConnected = (ada: Person, bob: Person): boolean =>
    [ada, bob].every(({ rtc }) => rtc.events('participant.connection').at(-1)?.connected !== false);
  const nobodyLeft = (...people: Person[]): void => {
    expect(people.map((person) => person.rejoins())).toEqual(people.map(() => 0));
    for (const { rtc } of people) expect(rtc.events('participant.left')).toEqual([]);
  };
  const metric = async (gateway: GatewayProcess, pattern: RegExp): Promise<number | undefined> => {
    const found = pattern.exec(await (await gateway.get('/metrics')).text());
    return found === null ? undefined : Number(found[1]);
  };

  it('[CT50] a gateway that is killed leaves the call alone, and its people resume session and participant on another', async () => {
    cluster = await startProcessCluster();
    const [ada, bob] = await cluster.talk();
    const [first, last] = cluster.gateways;
    const gaps = watchGaps(ada, bob);
    await bothSee(ada, bob, 20);
    const before = gaps();
    const during = watchGaps(ada, bob);
    await first!.kill();
    await until('bob to see that ada has no socket', () => bob.rtc.events('participant.connection').at(-1)?.connected === false);
    await bothSee(ada, bob, 20);
    expect(await ada.resumeOn(last!)).toMatchObject({ resumed: true });
    await until('ada to be back for bob', () => isConnected(ada, bob));
    await bothSee(ada, bob, 20);
    console.info(`The longest gap between two decoded frames: ${during()} ms, and ${before} ms before the kill.`);
    // What she asks for as a participant is carried out: she is held by her session there.
    await ada.socket().request('transport.restart_ice', { ...ada.rtc.as, direction: 'send' });
    nobodyLeft(ada, bob);
  });

  it('[CT50] [SE24] the SDK under a killed gateway resumes on the next address and misses nothing', async () => {
    cluster = await startProcessCluster();
    const [first, last] = cluster.gateways as [GatewayProcess, GatewayProcess];
    const { threadId } = cluster;
    const resumed: boolean[] = [];
    const client = createClient(
      { url: [first.socketUrl, last.socketUrl], token: () => first.token('talent'), WebSocket: recording(resumed) },
      { random: () => 0 },
    );
    closings.push(() => client.close());
    client.connect();
    await until('the client', () => client.inbox.get().ready);
    closings.push(client.thread(threadId).open());
    await until('the thread', () => client.thread(threadId).view.get().status === 'ready');
    const poster = await last.signIn('client');
    const bodies = (): string[] =>
      client
        .thread(threadId)
        .view.get()
        .items.flatMap((item) =>
          item.kind === 'event' && item.event.type === 'message.posted' ? [item.event.message.body] : [],
        );
    const posted = ['Hello!'];
    for (let index = 0; index < 30; index += 1) {
      if (index === 10) await first.kill();
      posted.push(`message ${index}`);
      await poster.request('message.post', { threadId, clientMessageId: `killed-${index}`, body: `message ${index}` });
    }
    await until('all messages', () => bodies().length >= posted.length, 30_000);
    expect(bodies()).toEqual(posted);
    expect(resumed).toEqual([false, true]);
    await first.start();
    await first.signIn('client');
  });

  it('[CT51] one gateway alone that is cut from a node: calls go on, everybody else notices nothing, nobody is thrown out', async () => {
    cluster = await startProcessCluster();
    const [ada, bob] = await cluster.talk();
    const { nodeId, proxy } = await cluster.busy();
    const links = (): Promise<(number | undefined)[]> =>
      Promise.all(
        cluster.gateways.map((gateway) => metric(gateway, new RegExp(`^parley_media_link_up\\{node="${nodeId}"\\} (\\d)`, 'm'))),
      );
    await until('both links', async () => (await links()).join() === '1,1');
    proxy.cutOldest();
    await until('one link to be down', async () => (await links()).sort().join() === '0,1');
    const cutOff = (await links()).indexOf(0);
    const unreachable = /^parley_media_nodes\{state="unreachable"\} (\d)/m;
    expect(await metric(cluster.gateways[cutOff]!, unreachable)).toBe(1);
    expect(await metric(cluster.gateways[1 - cutOff]!, unreachable)).toBe(0);
    // Longer than a suspected node has to renew its lease.
    await bothSee(ada, bob, 60);
    const [here, there] = cutOff === 0 ? [ada, bob] : [bob, ada];
    const restart = (who: Person) => ({ ...who.rtc.as, direction: 'send' }) as const;
    expect(await here.socket().refused('transport.restart_ice', restart(here))).toMatchObject({
      code: 'unavailable',
      retryable: true,
    });
    await there.socket().request('transport.restart_ice', restart(there));
    proxy.restore();
    await until('the link to stand again', async () => (await links()).join() === '1,1', 20_000);
    await here.socket().request('transport.restart_ice', restart(here));
    await until('each to be told that the other is there', () => isConnected(ada, bob));
    await bothSee(ada, bob);
    nobodyLeft(ada, bob);
    const failovers = await Promise.all(
      cluster.gateways.map((gateway) => metric(gateway, /^parley_media_failovers_total (\d+)/m)),
    );
    expect(failovers).toEqual([0, 0]);
  });

  it('[CT52] Redis away under a call: frames flow, posts are acknowledged, a known room is joined, a new one waits and heals', async () => {
    cluster = await startProcessCluster();
    const [ada, bob] = await cluster.talk();
    const [first] = cluster.gateways as [GatewayProcess];
    const { threadId } = cluster;
    const poster = await first.signIn('client');
    const members = ['client', 'outsider'].map((userId) => ({ userId, role: 'member' }));
    const direct = await first.host('POST', '/v1/threads', { threadKey: 'direct-1', kind: 'direct', members });
    const newRoom = { interviewId: randomUUID(), participantId: randomUUID() };
    await poster.request('interview.call', {
      threadId: direct.body.threadId,
      interviewId: newRoom.interviewId,
      media: 'audio',
    });
    const gaps = watchGaps(ada, bob);
    await cluster.redis.stop();
    const isRedisUp = (): Promise<number | undefined> => metric(first, /^parley_redis_up (\d)/m);
    await until('the gateway to know', async () => (await isRedisUp()) === 0);
    for (let index = 0; index < 20; index += 1) {
      const post = { threadId, clientMessageId: `redis-away-${index}`, body: `${index}` };
      expect((await poster.request('message.post', post)).message.body).toBe(`${index}`);
    }
    await bothSee(ada, bob, 60);
    console.info(`The longest gap between two decoded frames: ${gaps()} ms.`);
    nobodyLeft(ada, bob);
    expect(await poster.refused('room.join', newRoom)).toMatchObject({ code: 'unavailable', retryable: true });
    // Another device of hers takes her place in the room that is known.
    const { interviewId } = ada.rtc;
    const joined = await poster.request('room.join', { interviewId, participantId: randomUUID() });
    expect(joined.state.participants).toHaveLength(2);
    expect((await first.get('/healthz')).status).toBe(200);
    await cluster.redis.start();
    await until('the gateway to know', async () => (await isRedisUp()) === 1, 20_000);
    await until(
      'the new room to be joined',
      async () => (await poster.reply(poster.ask('room.join', newRoom))).error === undefined,
      20_000,
    );
    expect(bob.rejoins()).toBe(0);
  });

  it('[CT53] the metrics of a gateway tell of nodes, links and rooms that moved', async () => {
    cluster = await startProcessCluster();
    const [ada, bob] = await cluster.talk();
    const [first] = cluster.gateways;
    await until('two nodes', async () => (await metric(first!, /^parley_media_nodes\{state="up"\} (\d)/m)) === 2);
    const node = await cluster.busy();
    await node.server.stop('SIGKILL');
    await until('both to have joined again', () => ada.rejoins() > 0 && bob.rejoins() > 0, 30_000);
    expect(await metric(first!, /^parley_media_failovers_total (\d+)/m)).toBe(1);
    await bothSee(ada, bob);
    await until('the dead node to be gone', async () => {
      const text = await (await first!.get('/metrics')).text();
      return !text.includes(`node="${node.nodeId}"`) && /^parley_media_nodes\{state="up"\} 1$/m.test(text);
    });
  });
});
