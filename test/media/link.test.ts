import { randomUUID } from 'node:crypto';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { WebSocket } from 'ws';
import { createLocalNode, type LocalNode } from '../../media/local-node.ts';
import { type LinkEvent, type MediaLink, StalePlacement } from '../../signaling/media-link.ts';
import { systemClock } from '../../src/clock.ts';
import { type ControlServer, startControlServer } from '../../src/link/control-server.ts';
import { createLinkClient } from '../../src/link/link-client.ts';
import { startTcpProxy, type TcpProxy } from '../support/tcp-proxy.ts';
import { until } from '../support/until.ts';
import { codeOf, TEST_SETTINGS, testLog } from './node.ts';

const SECRET = 'a secret of the cluster, for the tests alone';

interface TestLink {
  readonly link: MediaLink;
  readonly events: LinkEvent[];
  readonly states: boolean[];
}

describe('the link between a gateway and a media node', () => {
  const bootId = randomUUID();
  let node: LocalNode;
  let server: ControlServer;
  let proxy: TcpProxy;
  const links: MediaLink[] = [];
  const carriedOut: string[] = [];

  beforeAll(async () => {
    node = await createLocalNode({ settings: { ...TEST_SETTINGS, workers: 1 }, log: testLog });
    server = await startControlServer({
      host: '127.0.0.1',
      port: 0,
      secret: SECRET,
      nodeId: 'node',
      bootId,
      authority: {
        ...node.authority,
        attach(gatewayId, onEvent) {
          const line = node.authority.attach(gatewayId, onEvent);
          return {
            ...line,
            request(name, command) {
              carriedOut.push(name);
              return line.request(name, command);
            },
          };
        },
      },
      clock: systemClock,
      log: testLog,
    });
    proxy = await startTcpProxy(server.port);
  });
  afterEach(() => {
    for (const link of links.splice(0)) link.close();
    proxy.restore();
  });
  afterAll(async () => {
    await proxy.close();
    await server.close();
    await node.close();
  });

  const connect = (
    options: { port?: number; secret?: string; gatewayId?: string; nodeId?: string; bootId?: string } = {},
  ): TestLink => {
    const events: LinkEvent[] = [];
    const states: boolean[] = [];
    const { port = server.port, secret = SECRET, gatewayId = randomUUID(), nodeId = 'node' } = options;
    const link = createLinkClient({
      url: `ws://127.0.0.1:${port}`,
      nodeId,
      bootId: options.bootId ?? bootId,
      gatewayId,
      secret,
      listener: { onEvent: (event) => events.push(event), onState: (isUp) => states.push(isUp) },
      clock: systemClock,
      log: testLog,
    });
    links.push(link);
    return { link, events, states };
  };
  const up = ({ link }: TestLink) => until('the link to be up', () => link.isUp());
  const joining = (roomId: string, fence = 1) => ({
    roomId,
    fence,
    participantId: randomUUID(),
    sessionId: randomUUID(),
    userId: 'ada',
    proven: false,
    graceMs: 1_000,
    connected: true,
    joinedAt: Date.now(),
    move: false,
    maxParticipants: 8,
  });

  it('[CT11] commands, replies and events cross it as they are', async () => {
    const gateway = connect();
    await up(gateway);
    const join = joining(randomUUID());
    const reply = await gateway.link.request('join', join);
    expect(reply.state.participants).toMatchObject([{ participantId: join.participantId, userId: 'ada' }]);
    const other = { ...joining(join.roomId), userId: 'bob' };
    await gateway.link.request('join', other);
    const heard = await until('an event', () => gateway.events.find(({ type }) => type === 'participant'));
    expect(heard).toMatchObject({ participantId: join.participantId, sessionId: join.sessionId, seq: 1 });
    expect(await gateway.link.request('occupancy', join)).toEqual({ participants: 2, emptyForMs: null });
    await gateway.link.request('closeRoom', join);
  });

  it('[CT12] who does not know the secret gets nowhere, on either side, and so does another node than expected', async () => {
    const wrong = [connect({ secret: `${SECRET}!` }), connect({ nodeId: 'other' }), connect({ bootId: randomUUID() })];
    const socket = new WebSocket(`ws://127.0.0.1:${server.port}/link`);
    const closed = new Promise<number>((resolve) => socket.once('close', resolve));
    socket.once('open', () => socket.send(JSON.stringify({ t: 'request', id: 1, done: 0, name: 'stats', command: {} })));
    expect(await closed).toBe(1008);
    const codes = await Promise.all(wrong.map(({ link }) => codeOf(link.request('stats', {}))));
    expect(codes).toEqual(['unavailable', 'unavailable', 'unavailable']);
    expect(wrong.flatMap(({ states }) => states)).toEqual([]);
  });

  it('[CT13] what does not fit its schema is refused at the edge', async () => {
    const gateway = connect();
    await up(gateway);
    const join = joining('no uuid');
    expect(await codeOf(gateway.link.request('join', join))).toBe('invalid');
    expect(await codeOf(gateway.link.request('stats', {}))).toBeUndefined();
  });

  it('[CT14] a command of an earlier placement is stale and does nothing', async () => {
    const gateway = connect();
    await up(gateway);
    const join = joining(randomUUID(), 10);
    await gateway.link.request('join', join);
    await expect(gateway.link.request('closeRoom', { ...join, fence: 9 })).rejects.toBeInstanceOf(StalePlacement);
    expect(await gateway.link.request('occupancy', join)).toMatchObject({ participants: 1 });
    await gateway.link.request('closeRoom', { ...join, fence: 11 });
    await expect(gateway.link.request('occupancy', join)).rejects.toBeInstanceOf(StalePlacement);
  });

  it('[MV11] [CT14] a room that another node has been given is left when all have arrived there; joining it is stale', async () => {
    const gateway = connect();
    await up(gateway);
    const ada = joining(randomUUID(), 10);
    const bob = { ...joining(ada.roomId, 10), userId: 'bob' };
    const phone = { ...joining(ada.roomId, 10), userId: 'bob' };
    for (const join of [ada, bob]) await gateway.link.request('join', join);
    const told = (type: string) =>
      gateway.events.flatMap((event) => (event.type === 'participant' && event.event.type === type ? [event] : []));
    const left = node.authority.depart(ada.roomId, 20, 10_000);
    expect(node.authority.rooms()).not.toContainEqual(expect.objectContaining({ roomId: ada.roomId }));
    expect(node.authority.isEmpty()).toBe(false);
    await until('both to be told', () => told('room.moving').length === 2);
    await expect(gateway.link.request('join', { ...ada, move: true })).rejects.toBeInstanceOf(StalePlacement);
    await expect(gateway.link.request('resume', { ...ada, proven: true, epoch: 21, seq: 0 })).rejects.toBeInstanceOf(
      StalePlacement,
    );
    const first = gateway.link.request('arrived', ada);
    // The other's second device joined over there.
    expect(await gateway.link.request('arrived', phone)).toEqual({ over: true });
    expect(await first).toEqual({ over: true });
    await left;
    const goodbyes = told('participant.left').filter(({ participantId }) => participantId === bob.participantId);
    expect(goodbyes.map(({ event }) => event)).toMatchObject([{ participantId: bob.participantId, reason: 'superseded' }]);
    expect(node.authority.isEmpty()).toBe(true);
    await expect(gateway.link.request('occupancy', ada)).rejects.toBeInstanceOf(StalePlacement);
    await until('the gateway to be told', () => gateway.events.some(({ type }) => type === 'room.lost'));
    expect(gateway.events.map(({ type }) => type)).not.toContain('room.emptied');
    // And it may come back.
    await gateway.link.request('join', { ...ada, fence: 30 });
    await gateway.link.request('closeRoom', { ...ada, fence: 30 });
  });

  it('[CT15] requests under way when the line breaks are carried out once and answered after it is back', async () => {
    const gateway = connect({ port: proxy.port });
    await up(gateway);
    const join = joining(randomUUID());
    carriedOut.length = 0;
    const results = Array.from({ length: 20 }, () => gateway.link.request('join', join));
    // Some have reached the node by then, and their replies have not come back.
    await until('the first to be carried out', () => carriedOut.length > 0);
    proxy.cut();
    setTimeout(() => proxy.restore(), 200);
    const replies = await Promise.all(results);
    expect(new Set(replies.map(({ sendTransport }) => sendTransport.transportId)).size).toBe(20);
    expect(carriedOut).toEqual(Array.from({ length: 20 }, () => 'join'));
    expect(gateway.states).toEqual([true, false, true]);
    await gateway.link.request('closeRoom', join);
  });

  it('[CT16] while the line is cut commands are unavailable, and the participants are on grace', async () => {
    const far = connect({ port: proxy.port });
    const near = connect();
    await Promise.all([up(far), up(near)]);
    const join = joining(randomUUID());
    const witness = { ...joining(join.roomId), userId: 'bob' };
    await far.link.request('join', { ...join, graceMs: 20_000 });
    await near.link.request('join', witness);
    proxy.cut();
    const connection = (connected: boolean) =>
      until(`connected ${connected}`, () =>
        near.events.some(
          (event) =>
            event.type === 'participant' &&
            event.event.type === 'participant.connection' &&
            event.event.participantId === join.participantId &&
            event.event.connected === connected,
        ),
      );
    await connection(false);
    expect(await codeOf(far.link.request('restartIce', { ...join, direction: 'send' }))).toBe('unavailable');
    proxy.restore();
    await up(far);
    await far.link.request('setConnected', join);
    await connection(true);
    expect(await codeOf(far.link.request('restartIce', { ...join, direction: 'send' }))).toBeUndefined();
    await near.link.request('closeRoom', join);
  });
});
