/**
 * Several gateways and several media nodes: real Redis, media nodes in processes of their own, and people with real WebRTC on real
 * sockets. Gateways are in this process and share one store and one bus (what PostgreSQL and Redis are to gateways of several hosts);
 * or they are processes on a real PostgreSQL, which can be killed.
 */
import { execFile } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { promisify } from 'node:util';
import type { Result } from '../../protocol/index.ts';
import { createMemoryBus } from '../../src/broker/memory-broker.ts';
import { openPostgresStore } from '../../src/store/postgres-store.ts';
import { openSqliteStore } from '../../src/store/sqlite-store.ts';
import type { Store } from '../../src/store/store.ts';
import type { Link } from '../media/links.ts';
import { RtcClient } from '../media/rtc-client.ts';
import { startPostgres } from './engines/postgres.ts';
import { type RedisServer, startRedis } from './engines/redis.ts';
import { openThread, startGateway, type TestGateway } from './gateway.ts';
import { type GatewayProcess, startGatewayProcess } from './gateway-process.ts';
import type { RawSocket } from './raw-socket.ts';
import { freePort, MAIN, type ServerProcess, startServer } from './server-process.ts';
import { startTcpProxy, type TcpProxy } from './tcp-proxy.ts';
import { until } from './until.ts';

const SECRET = 'a secret of the test cluster, long enough';

/** In this process, or in one of its own. */
export type ClusterGateway = Omit<TestGateway, 'gateway' | 'dataDir'>;

export interface MediaProcess {
  readonly nodeId: string;
  readonly server: ServerProcess;
  /** Between it and the gateways. */
  readonly proxy: TcpProxy;
}

/** A person in the call; comes back by itself when told that the room reopened, as the SDK does. */
export interface Person {
  readonly rtc: RtcClient;
  socket(): RawSocket;
  /** Decoded frames of the other, with the time of each. */
  shown(from: Person): number;
  /** Resumes the session on a gateway, and the participant by its token. `tookMs` is from when the socket was open. */
  resumeOn(gateway: ClusterGateway): Promise<{ resumed: boolean; tookMs: number }>;
  /** How often it had to join again. */
  rejoins(): number;
  leave(): void;
}

export interface MediaCluster<Gateway extends ClusterGateway = TestGateway> {
  readonly redis: RedisServer;
  readonly nodes: readonly MediaProcess[];
  readonly gateways: readonly Gateway[];
  readonly store: Store;
  readonly threadId: string;
  /** `client` on the first gateway and `talent` on the last talk on video. */
  talk(): Promise<[Person, Person]>;
  /** The node that has the room of the call. */
  busy(): Promise<MediaProcess>;
  /** The nodes that have rooms now, whole or in part. */
  carriers(): Promise<string[]>;
  /** The node that has the whole room of the call, and the one that lends it a place; once there is such. */
  lending(): Promise<{ own: MediaProcess; lender: MediaProcess }>;
  signIn(gateway: ClusterGateway, userId: string): Promise<RawSocket>;
  /** What an operator does: `parley drain --node ID`, with `--cancel` when false. */
  drain(nodeId: string, draining: boolean): Promise<void>;
  close(): Promise<void>;
}

/** Gateways in this process: their settings by key, those of the media nodes by the names of their variables. */
export const startMediaCluster = async (
  settings: Record<string, unknown> = {},
  nodeSettings: Record<string, string> = {},
): Promise<MediaCluster> => {
  const store = await openSqliteStore({ path: ':memory:' });
  const shared: Store = { ...store, close: async () => {} };
  const bus = createMemoryBus();
  const startOne = (redis: RedisServer): Promise<TestGateway> =>
    startGateway(
      { roles: 'gateway', 'redis.url': redis.url, 'cluster.secret': SECRET, ...settings },
      { store: shared, broker: bus.join() },
    );
  return startCluster(store, startOne, nodeSettings);
};

/** Gateways in processes of their own, on PostgreSQL, with these environment variables. */
export const startProcessCluster = async (env: Record<string, string> = {}): Promise<MediaCluster<GatewayProcess>> => {
  const postgres = await startPostgres();
  const url = await postgres.createDatabase();
  const cluster = await startCluster(await openPostgresStore({ url, poolSize: 2 }), (redis) =>
    startGatewayProcess({ REDIS_URL: redis.url, DATABASE_URL: url, PARLEY_CLUSTER_SECRET: SECRET, ...env }),
  );
  return {
    ...cluster,
    async close() {
      await cluster.close();
      await postgres.dispose();
    },
  };
};

const startCluster = async <Gateway extends ClusterGateway>(
  store: Store,
  startOne: (redis: RedisServer) => Promise<Gateway>,
  nodeSettings: Record<string, string> = {},
): Promise<MediaCluster<Gateway>> => {
  const redis = await startRedis();
  const people: Person[] = [];

  /** Somebody else may take the free port meanwhile; then it is another. */
  const startNode = (nodeId: string): Promise<MediaProcess> => startOnce(nodeId).catch(() => startOnce(nodeId));
  const startOnce = async (nodeId: string): Promise<MediaProcess> => {
    const controlPort = await freePort();
    const proxy = await startTcpProxy(controlPort);
    const server = await startServer({
      PARLEY_ROLES: 'media',
      REDIS_URL: redis.url,
      PARLEY_CLUSTER_SECRET: SECRET,
      PARLEY_NODE_ID: nodeId,
      PARLEY_MEDIA_CONTROL_PORT: String(controlPort),
      PARLEY_MEDIA_CONTROL_URL: `ws://127.0.0.1:${proxy.port}`,
      PARLEY_MEDIA_WORKERS: '2',
      ...nodeSettings,
    });
    return { nodeId, server, proxy };
  };
  const nodes = await Promise.all(['node-a', 'node-b'].map(startNode));
  const gateways = [await startOne(redis), await startOne(redis)] as const;
  const [first, last] = gateways;
  const threadId = await openThread(first);

  const enter = async (gateway: ClusterGateway, userId: string, interviewId: string): Promise<Person> => {
    const listeners = new Set<Parameters<Link['onRoom']>[0]>();
    let socket: RawSocket;
    let session: Result<'session.open'>;
    let rejoined = 0;
    const use = (next: RawSocket): void => {
      socket = next;
      session = next.frames.find(({ result }) => result?.sessionId !== undefined)?.result;
      next.ws.on('message', (data) => {
        const frame = JSON.parse(data.toString());
        if (frame.push === 'room') for (const listener of listeners) listener(frame.room);
      });
    };
    use(await gateway.signIn(userId));
    const link: Link = {
      request: (type, payload) => socket.request(type, payload),
      onRoom(listener) {
        listeners.add(listener);
        return () => listeners.delete(listener);
      },
    };
    const rtc = new RtcClient(link, interviewId);
    let gone = false;
    let rejoining = false;
    const rejoin = async (): Promise<void> => {
      if (rejoining) return;
      rejoining = true;
      for (let done = false; !done && !gone; ) {
        try {
          await rtc.join({ participantToken: rtc.joined!.participantToken });
          await rtc.sendCamera();
          done = true;
        } catch {
          await new Promise((resolve) => setTimeout(resolve, 100));
        }
      }
      rejoined += 1;
      rejoining = false;
    };
    listeners.add(({ participantId, event }) => {
      const isOwn = participantId === rtc.participantId;
      if (isOwn && (event.type === 'room.reopened' || event.type === 'media.lost')) void rejoin();
      if (isOwn && event.type === 'participant.left' && event.participantId === participantId && event.reason === 'lost')
        void rejoin();
    });
    // On a machine that stands still for a moment the nodes' leases end, and the registry has nobody until they renew.
    await until('a media node to answer', () =>
      rtc.join().then(
        () => true,
        (error: Error) => {
          if (!error.message.includes('unavailable')) throw error;
          return false;
        },
      ),
    );
    await rtc.sendCamera();
    const person: Person = {
      rtc,
      socket: () => socket,
      shown: (from) => rtc.from(from.rtc.participantId, 'camera')?.frames ?? 0,
      async resumeOn(other) {
        const { sessionId, resumeToken } = session;
        const next = await other.connect();
        const openAt = performance.now();
        await next.request('session.open', { protocol: 1, token: other.token(userId), resume: { sessionId, resumeToken } });
        use(next);
        const at = rtc.pushes.at(-1) ?? rtc.state;
        const { participantToken } = rtc.joined!;
        await socket.request('room.resume', { ...rtc.as, participantToken, epoch: at.epoch, seq: at.seq });
        return { resumed: session.resumed, tookMs: performance.now() - openAt };
      },
      rejoins: () => rejoined,
      leave() {
        gone = true;
        rtc.close();
        socket.terminate();
      },
    };
    people.push(person);
    return person;
  };

  const metricsOf = ({ server }: MediaProcess): Promise<string> =>
    fetch(`http://127.0.0.1:${server.port}/metrics`).then(
      (response) => response.text(),
      () => '',
    );
  const hasRooms = async (node: MediaProcess): Promise<boolean> =>
    /parley_media_rooms\{[^}]*\} [1-9]/.test(await metricsOf(node));
  const carriers = async (): Promise<MediaProcess[]> => {
    const busy = await Promise.all(nodes.map(hasRooms));
    return nodes.filter((_, at) => busy[at]);
  };

  return {
    redis,
    nodes,
    gateways,
    store,
    threadId,
    signIn: (gateway, userId) => gateway.signIn(userId),
    async drain(nodeId, draining) {
      const env = { ...process.env, REDIS_URL: redis.url };
      const args = ['drain', '--node', nodeId, ...(draining ? [] : ['--cancel'])];
      await promisify(execFile)(process.execPath, ['--disable-warning=ExperimentalWarning', MAIN, ...args], { env });
    },
    async talk() {
      const interviewId = randomUUID();
      const caller = await first.signIn('client');
      await caller.request('interview.call', { threadId, interviewId, media: 'video' });
      const ada = await enter(first, 'client', interviewId);
      const bob = await enter(last, 'talent', interviewId);
      await Promise.all([ada.rtc.decodes(bob.rtc.participantId, 5), bob.rtc.decodes(ada.rtc.participantId, 5)]);
      caller.terminate();
      return [ada, bob];
    },
    busy: () => until('a node with a room', async () => (await carriers())[0]),
    lending: () =>
      until('a node that lends', async () => {
        const lends = async (node: MediaProcess) => /parley_media_lent_places\{[^}]*\} [1-9]/.test(await metricsOf(node));
        const [first, second] = nodes as [MediaProcess, MediaProcess];
        if (await lends(first)) return { lender: first, own: second };
        return (await lends(second)) ? { lender: second, own: first } : undefined;
      }),
    carriers: async () => (await carriers()).map(({ nodeId }) => nodeId),
    async close() {
      for (const person of people) person.leave();
      for (const gateway of gateways) await gateway.close();
      for (const { server, proxy } of nodes) {
        await server.dispose();
        await proxy.close();
      }
      await store.close();
      await redis.stop();
    },
  };
};
