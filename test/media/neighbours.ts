/** Media nodes that lend each other places, with their control ports, each behind a proxy that can be cut. Instead of the registry: a list. */
import { randomUUID } from 'node:crypto';
import { createLocalNode, type LocalNode } from '../../media/local-node.ts';
import { createNeighbours } from '../../media/neighbours.ts';
import type { MediaSettings } from '../../media/settings.ts';
import type { MediaStats } from '../../signaling/media-link.ts';
import type { ListedNode } from '../../signaling/media-nodes.ts';
import { systemClock } from '../../src/clock.ts';
import { startControlServer } from '../../src/link/control-server.ts';
import { createLinkClient } from '../../src/link/link-client.ts';
import { startTcpProxy, type TcpProxy } from '../support/tcp-proxy.ts';
import { linkToNode } from './links.ts';
import { TEST_SETTINGS, testLog } from './node.ts';
import { RtcClient } from './rtc-client.ts';

const SECRET = 'a secret of the neighbours, for the tests alone';

export interface TestNeighbour extends LocalNode {
  readonly proxy: TcpProxy;
  stats(): Promise<MediaStats['workers']>;
}

export interface TestNeighbours {
  readonly nodes: readonly TestNeighbour[];
  /** Somebody whose room is on the first node. */
  client(userId: string, roomId: string): RtcClient;
  close(): Promise<void>;
}

/** `settings` are of every node, those of one by its number. */
export const startNeighbours = async (
  count: number,
  settings: Partial<MediaSettings> = {},
  of: Readonly<Record<number, Partial<MediaSettings>>> = {},
): Promise<TestNeighbours> => {
  const listed: ListedNode[] = [];
  const closings: (() => Promise<void>)[] = [];
  const clients: RtcClient[] = [];

  const start = async (at: number): Promise<TestNeighbour> => {
    const bootId = randomUUID();
    const nodeId = `node-${at}`;
    const neighbours = createNeighbours({
      bootId,
      list: async () => listed,
      connect: (node, listener) =>
        createLinkClient({ ...node, gatewayId: bootId, secret: SECRET, listener, clock: systemClock, log: testLog }),
      clock: systemClock,
      log: testLog,
    });
    const local = await createLocalNode({
      settings: { ...TEST_SETTINGS, workers: 1, ...settings, ...of[at] },
      log: testLog,
      neighbours,
    });
    const server = await startControlServer({
      host: '127.0.0.1',
      port: 0,
      secret: SECRET,
      nodeId,
      bootId,
      authority: local.authority,
      clock: systemClock,
      log: testLog,
    });
    const proxy = await startTcpProxy(server.port);
    const url = `ws://127.0.0.1:${proxy.port}`;
    listed.push({ nodeId, bootId, url, workers: 1, cpu: at / 100, rooms: 0, draining: false });
    closings.push(async () => {
      await proxy.close();
      await server.close();
      await local.close();
    });
    return { ...local, proxy, stats: async () => (await local.node.request('stats', {})).workers };
  };

  const nodes: TestNeighbour[] = [];
  for (let at = 0; at < count; at += 1) nodes.push(await start(at));
  return {
    nodes,
    client(userId, roomId) {
      const client = new RtcClient(linkToNode(nodes[0]!.node, userId), roomId, randomUUID());
      clients.push(client);
      return client;
    },
    async close() {
      for (const client of clients) client.close();
      for (const close of closings) await close();
    },
  };
};
