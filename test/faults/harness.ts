/** A run: people on their devices, faults by a plan, everything healed, a bounded time to settle, and then the judge. */
import type { ThreadEvent } from '../../protocol/index.ts';
import { mintToken } from '../../src/identity/tokens.ts';
import type { Deployment, GatewayNode, Topology } from '../support/deployment.ts';
import { JWT_SECRET } from '../support/gateway.ts';
import { createRandom } from '../support/random.ts';
import { RawSocket } from '../support/raw-socket.ts';
import { startDeployment } from '../support/topologies.ts';
import { until } from '../support/until.ts';
import { type Device, startDevice } from './device.ts';
import { createRecorder, type History, type PresenceEnd, type Truth } from './history.ts';
import { judge, type Verdict } from './judge.ts';
import { type Planned, planFaults, strike } from './schedule.ts';
import { startWitness, type Witness } from './witness.ts';
import { act, type Threads } from './workload.ts';

export interface RunOptions {
  readonly seed: number;
  readonly forMs: number;
  readonly topology: Topology;
  /** Environment variables of the processes, over those of the tests. */
  readonly env?: Record<string, string>;
  /** Instead of the plan that the seed gives. */
  readonly plan?: readonly Planned[];
  /** How long the healed system may take to agree with itself. */
  readonly settleMs?: number;
  /** How long it may take until everybody sees who is gone. */
  readonly presenceMs?: number;
  readonly log?: (line: string) => void;
}

export interface Recovery {
  readonly kind: string;
  /** From healing until every device was online and had a message that was posted since; undefined when the next fault came first. */
  readonly ms: number | undefined;
}

export interface Run extends Verdict {
  readonly seed: number;
  readonly topology: Topology;
  readonly plan: readonly Planned[];
  readonly recoveries: readonly Recovery[];
  readonly settledMs: number;
  readonly output: string;
}

const PEOPLE = ['ada', 'bob', 'cleo', 'dan', 'eve'];
const DEVICES = ['phone', 'laptop'];
const STEP_MS = [60, 320] as const;
const SETTLE_MS = 60_000;
/** Starting a process again takes a second or two; what takes longer than this is worth a line. */
const SLOW_HEALING_MS = 10_000;
/** Grace and a heartbeat; in a cluster two leases, of a node that died and since Redis was new. A busy machine has some of it to spare. */
const PRESENCE_MS = { single: 10_000, cluster: 20_000 } as const;

const sleep = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, Math.max(0, ms)));

export const runFaults = async (options: RunOptions): Promise<Run> => {
  const { seed, forMs, topology, log = () => {} } = options;
  const plan = options.plan ?? planFaults(createRandom(seed), topology, forMs);
  const settings = { PARLEY_REQUESTS_PER_SECOND: '1000', PARLEY_REQUEST_BURST: '5000', ...options.env };
  const deployment = await startDeployment(topology, settings, { sentinel: true });
  const recorder = createRecorder();
  const devices: Device[] = [];
  const witnesses: Witness[] = [];
  try {
    const threads = await seedThreads(deployment);
    for (const [index, userId] of PEOPLE.entries()) {
      for (const [which, kind] of DEVICES.entries()) {
        const port = balance(deployment.gateways, index + which);
        devices.push(await startDevice({ name: `${userId}-${kind}`, userId, port, recorder }));
      }
      const port = balance(deployment.gateways, index);
      const url = (): string => `ws://127.0.0.1:${port()}/v1/socket`;
      witnesses.push(startWitness({ userId, url, token: () => tokenOf(userId), recorder }));
    }
    for (const device of devices) device.signIn();
    await until('everybody to be signed in', () => devices.every(({ client }) => client.inbox.get().ready), 20_000);
    for (const device of devices) for (const { threadId } of device.client.inbox.get().threads) device.openThread(threadId);

    let working = true;
    const under: Promise<void>[] = [];
    const workers = devices.map(async (device, index) => {
      const random = createRandom(seed * 100 + index);
      for (let step = 0; working; step++) {
        under.push(act(random, device, threads, step));
        await sleep(STEP_MS[0] + random.int(STEP_MS[1] - STEP_MS[0]));
      }
    });

    const startedAt = Date.now();
    const recoveries: Recovery[] = [];
    const stage = { deployment, devices };
    for (const planned of plan) {
      await sleep(startedAt + planned.atMs - Date.now());
      log(`${String(Date.now() - startedAt).padStart(7)} ms  ${planned.kind} for ${planned.lastsMs} ms`);
      const heal = await strike(stage, planned);
      await sleep(planned.lastsMs);
      const healingSince = Date.now();
      await heal();
      const healingMs = Date.now() - healingSince;
      if (healingMs > SLOW_HEALING_MS) log(`            healing it took ${healingMs} ms`);
      const following = plan[plan.indexOf(planned) + 1];
      const leftMs = startedAt + (following?.atMs ?? forMs + 8_000) - Date.now();
      recoveries.push({ kind: planned.kind, ms: await recovery(devices, threads.ids[0] as string, Math.max(leftMs, 1_000)) });
    }
    await sleep(startedAt + forMs - Date.now());
    working = false;
    await Promise.all(workers);

    // The end: everybody is back, nothing is broken any more.
    for (const device of devices) device.line.restore();
    const settlingSince = Date.now();
    let history: History;
    let verdict: Verdict;
    do {
      await sleep(500);
      // Loading and judging take the same thread that the devices live on; that waits until they are back.
      await until('everybody to be back', () => devices.every(isBack), 5_000).catch(() => {});
      for (const device of devices) for (const { threadId } of device.client.inbox.get().threads) device.openThread(threadId);
      history = await gather({ deployment, devices, witnesses, recorder, presence: [] });
      verdict = judge(history);
    } while (verdict.violations.length > 0 && Date.now() - settlingSince < (options.settleMs ?? SETTLE_MS));
    const settledMs = Date.now() - settlingSince;
    await Promise.race([Promise.allSettled(under), sleep(1_000)]);

    if (verdict.violations.length === 0) {
      const presence = await partings(devices, witnesses, options.presenceMs ?? PRESENCE_MS[topology]);
      verdict = judge({ ...history, end: { ...history.end, presence } });
    }
    return { ...verdict, seed, topology, plan, recoveries, settledMs, output: deployment.output() };
  } finally {
    for (const witness of witnesses) witness.close();
    await Promise.all(devices.map((device) => device.close()));
    await deployment.close();
  }
};

/** Each connection comes in by the next gateway, as behind a balancer that knows of nothing. */
const balance = (gateways: Deployment['gateways'], first: number): (() => number) => {
  let turn = first;
  return () => {
    const { front } = gateways[turn % gateways.length] as GatewayNode;
    turn += 1;
    return front.port;
  };
};

/** Who was signed out when the time was over signs in again, as soon as signing out is done. */
const isBack = (device: Device): boolean => {
  device.signIn();
  const { connection, inbox } = device.client;
  return connection.get().status === 'online' && inbox.get().threads.length > 0;
};

const tokenOf = (userId: string): string => mintToken(JWT_SECRET, userId, { ttlSeconds: 86_400 });

/** A thread of everybody, three of two, a group that somebody comes to and goes from. */
const seedThreads = async ({ host }: Deployment): Promise<Threads> => {
  for (const userId of PEOPLE) await host('PUT', `/v1/users/${userId}`, { displayName: userId });
  const open = async (threadKey: string, kind: string, members: readonly string[]): Promise<string> => {
    const roles = members.map((userId, index) => ({ userId, role: index === 0 ? 'owner' : 'member' }));
    const { body } = await host('POST', '/v1/threads', { threadKey, kind, title: threadKey, members: roles });
    return body.threadId;
  };
  const all = await open('all', 'group', PEOPLE);
  const groupId = await open('group', 'group', ['bob', 'cleo', 'ada']);
  const pairs = [
    await open('ada-bob', 'direct', ['ada', 'bob']),
    await open('cleo-dan', 'direct', ['cleo', 'dan']),
    await open('eve-ada', 'direct', ['eve', 'ada']),
  ];
  return { ids: [all, groupId, ...pairs], groupId, wanderer: 'dan' };
};

/** Until everyone who is signed in is online and has what somebody posted now. */
const recovery = async (devices: readonly Device[], threadId: string, withinMs: number): Promise<number | undefined> => {
  const since = Date.now();
  const isOnline = ({ client }: Device): boolean => client.connection.get().status === 'online';
  let head: number | undefined;
  const areBack = async (): Promise<boolean> => {
    const present = devices.filter((device) => device.isSignedIn());
    if (present.length === 0 || !present.every(isOnline)) return false;
    head ??= await Promise.race([headOf(present[0] as Device, threadId), sleep(300).then(() => undefined)]);
    const reached = (device: Device): number =>
      device.client.inbox.get().threads.find((thread) => thread.threadId === threadId)?.head ?? 0;
    return head !== undefined && present.every((device) => reached(device) >= (head ?? 0));
  };
  try {
    await until('recovery', areBack, withinMs);
    return Date.now() - since;
  } catch {
    return undefined;
  }
};

const headOf = ({ client }: Device, threadId: string): Promise<number | undefined> =>
  client.request('thread.get', { threadId }).then(
    ({ thread }) => thread.head,
    () => undefined,
  );

const gather = async (from: {
  deployment: Deployment;
  devices: readonly Device[];
  witnesses: readonly Witness[];
  recorder: Pick<History, 'calls' | 'told' | 'shown'>;
  presence: readonly PresenceEnd[];
}): Promise<History> => {
  const { calls, told, shown } = from.recorder;
  const ends = await Promise.all(from.devices.map((device) => device.end()));
  const truths: Truth[] = [];
  for (const userId of PEOPLE) truths.push(await truthOf(from.deployment, userId));
  const witnesses = from.witnesses.map((witness) => ({ userId: witness.userId, position: witness.position() }));
  return { calls, told, shown, end: { truths, devices: ends, witnesses, presence: from.presence } };
};

/** What a fresh session is given. */
const truthOf = async ({ gateways }: Deployment, userId: string): Promise<Truth> => {
  const { server } = gateways[PEOPLE.indexOf(userId) % gateways.length] as GatewayNode;
  const socket = await RawSocket.connect(server.socketUrl);
  try {
    const { inbox } = await socket.request('session.open', { protocol: 1, token: tokenOf(userId) });
    if (inbox.recovered) throw new Error('A fresh session was given no snapshot.');
    const histories = new Map<string, ThreadEvent[]>();
    for (const { threadId } of inbox.snapshot.threads) {
      const events: ThreadEvent[] = [];
      for (let more = true; more; ) {
        const page = await socket.request('thread.history', { threadId, after: events.at(-1)?.offset ?? 0, limit: 100 });
        events.push(...page.events);
        more = page.more;
      }
      histories.set(threadId, events);
    }
    return { userId, epoch: inbox.epoch, position: inbox.position, threads: inbox.snapshot.threads, histories };
  } finally {
    socket.terminate();
  }
};

/** One person signs out, one loses the line for good; the others must see both go, within the bound, and each other stay. */
const partings = async (devices: readonly Device[], witnesses: readonly Witness[], boundMs: number): Promise<PresenceEnd[]> => {
  const gone = new Set(['dan', 'eve']);
  const staying = devices.filter(({ userId }) => !gone.has(userId));
  for (const device of staying) device.client.watch(PEOPLE.filter((userId) => userId !== device.userId));
  for (const witness of witnesses) if (gone.has(witness.userId)) witness.close();
  await Promise.all(devices.filter(({ userId }) => userId === 'dan').map((device) => device.signOut()));
  for (const device of devices) if (device.userId === 'eve') device.line.cut();
  const seen = (): PresenceEnd[] =>
    staying.flatMap((device) =>
      PEOPLE.filter((userId) => userId !== device.userId).map((userId) => ({
        watcher: device.name,
        userId,
        online: device.client.presence.get().get(userId)?.online ?? false,
        expected: !gone.has(userId),
      })),
    );
  const isTrue = (): boolean => seen().every(({ online, expected }) => online === expected);
  await until('presence to be true', isTrue, boundMs).catch(() => {});
  return seen();
};
