/**
 * What a call of two goes through when something under it fails: the longest gap between two decoded frames, and how long it takes until
 * people have joined or resumed again. Real processes: two gateways, two media nodes, Redis, PostgreSQL; real WebRTC. See
 * loadtest/README.md.
 *
 *     script/run node loadtest/media-failover.ts [--trials 20] [--only 'node killed'] [--results FILE]
 *
 * Each trial is a line of FILE, and those that are there are not made again: a run that was broken off goes on, and a table of what
 * there is comes at the end of each.
 */
import { spawnSync } from 'node:child_process';
import { appendFileSync, existsSync, readFileSync } from 'node:fs';
import { loadavg } from 'node:os';
import { parseArgs } from 'node:util';
import { decodes, stageOn, talk, watchFrames } from '../client/interviews/test-stage.ts';
import type { GatewayProcess } from '../test/support/gateway-process.ts';
import { type MediaCluster, type Person, startMediaCluster, startProcessCluster } from '../test/support/media-cluster.ts';
import { until } from '../test/support/until.ts';
import { watchGaps } from '../test/support/watch-gaps.ts';

const { values } = parseArgs({
  options: { trials: { type: 'string', default: '20' }, only: { type: 'string' }, results: { type: 'string' } },
});
const trials = Number(values.trials);

type Cluster = MediaCluster<GatewayProcess>;

interface Fault {
  /** Does it, and resolves when the call is as before; gives the ms until its people had joined or resumed, if they had to. */
  run(cluster: Cluster, ada: Person, bob: Person): Promise<number | undefined>;
  /** Brings back what it broke. */
  heal(cluster: Cluster): Promise<void>;
}

interface Result {
  readonly fault: string;
  /** The longest gap of the quiet time before. */
  readonly before: number;
  readonly gap: number;
  readonly back?: number;
  /** What everything else asks of this machine. */
  readonly load: number;
}

const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));
const nothing = async (): Promise<void> => {};

/** What is done to the media, and how long it takes until both have joined again. */
const rejoined = async (ada: Person, bob: Person, fault: () => void): Promise<number> => {
  const before = [ada.rejoins(), bob.rejoins()] as const;
  const since = performance.now();
  fault();
  await until('both to join again', () => ada.rejoins() > before[0] && bob.rejoins() > before[1], 30_000);
  return performance.now() - since;
};

/** None when the process is gone. */
const childrenOf = (pid: number): number[] =>
  spawnSync('ps', ['-o', 'pid=', '--ppid', String(pid)], { encoding: 'utf8' })
    .stdout.split('\n')
    .map(Number)
    .filter(Boolean);

/** Nodes that run again, and those that hung, gone with their workers. */
const restartNodes = async (cluster: Cluster): Promise<void> => {
  for (const { server } of cluster.nodes) {
    const isWell = await fetch(`http://127.0.0.1:${server.port}/readyz`, { signal: AbortSignal.timeout(2_000) }).then(
      ({ ok }) => ok,
      () => false,
    );
    if (isWell) continue;
    const workers = childrenOf(server.pid());
    await server.stop('SIGKILL');
    for (const pid of workers) killQuietly(pid);
    await server.start();
  }
};

const killQuietly = (pid: number): void => {
  try {
    process.kill(pid, 'SIGKILL');
  } catch {
    // It ended with its node.
  }
};

const redisDown = (ms: number): Fault => ({
  async run(cluster) {
    await cluster.redis.stop();
    await pause(ms);
    await cluster.redis.start();
    return undefined;
  },
  // An empty registry places nothing for its first seconds.
  heal: () => pause(4_000),
});

const FAULTS: Readonly<Record<string, Fault>> = {
  'worker killed': {
    async run(cluster, ada, bob) {
      const { server } = await cluster.busy();
      const metrics = await (await fetch(`http://127.0.0.1:${server.port}/metrics`)).text();
      const pid = Number(/parley_media_rooms\{worker="(\d+)"\} [1-9]/.exec(metrics)?.[1]);
      if (!childrenOf(server.pid()).includes(pid)) throw new Error('The worker is not a child of its node.');
      return rejoined(ada, bob, () => process.kill(pid, 'SIGKILL'));
    },
    heal: nothing,
  },
  'node killed': {
    async run(cluster, ada, bob) {
      const { server } = await cluster.busy();
      return rejoined(ada, bob, () => void server.stop('SIGKILL'));
    },
    heal: restartNodes,
  },
  'node hung': {
    async run(cluster, ada, bob) {
      const { server } = await cluster.busy();
      // With its workers, or media would flow on without it.
      const pids = [server.pid(), ...childrenOf(server.pid())];
      return rejoined(ada, bob, () => {
        for (const pid of pids) process.kill(pid, 'SIGSTOP');
      });
    },
    heal: restartNodes,
  },
  'gateway killed': {
    async run(cluster, ada) {
      const [first, last] = cluster.gateways as [GatewayProcess, GatewayProcess];
      const since = performance.now();
      await first.kill();
      const { resumed } = await ada.resumeOn(last);
      if (!resumed) throw new Error('The session was not resumed.');
      return performance.now() - since;
    },
    heal: async ({ gateways: [first] }) => first!.start(),
  },
  'Redis down 5 s': redisDown(5_000),
  'Redis down 60 s': redisDown(60_000),
  'WebSocket cut': {
    async run({ gateways: [first] }, ada) {
      ada.socket().terminate();
      await pause(500);
      const { resumed, tookMs } = await ada.resumeOn(first!);
      if (!resumed) throw new Error('The session was not resumed.');
      return tookMs;
    },
    heal: nothing,
  },
};

/** A drained node moves its rooms, make before break. People are on the SDK, which moves by itself; "back" is when the node is empty. */
const DRAINED = 'node drained';
const drainTrial = async (): Promise<Result> => {
  const cluster = await startMediaCluster();
  const stage = stageOn(cluster);
  try {
    const people = [await stage.enter('client'), await stage.enter('talent')] as const;
    const calls = await talk(stage, ...people);
    const longestWhile = async (work: () => Promise<unknown>): Promise<number> => {
      const watches = calls.map(watchFrames);
      await work();
      const longest = Math.max(...watches.map((watch) => watch.longest()));
      for (const watch of watches) watch.stop();
      return Math.round(longest);
    };
    await Promise.all(calls.map((call) => decodes(call, 40)));
    const before = await longestWhile(() => pause(1_500));
    const { nodeId } = await cluster.busy();
    const since = performance.now();
    let back = 0;
    const gap = await longestWhile(async () => {
      await cluster.drain(nodeId, true);
      await until('the node to be empty', async () => !(await cluster.carriers()).includes(nodeId), 30_000);
      back = performance.now() - since;
      await Promise.all(calls.map((call) => decodes(call, 20)));
    });
    return { fault: DRAINED, before, gap, back: Math.round(back), load: loadNow() };
  } finally {
    await stage.close();
  }
};

const loadNow = (): number => Math.round(loadavg()[0]! * 10) / 10;

const isWhole = async ({ gateways }: Cluster): Promise<boolean> => {
  const answers = await Promise.all(
    gateways.map(async (gateway) => {
      const ready = await gateway.get('/readyz');
      return ready.ok && /^parley_media_nodes\{state="up"\} 2$/m.test(await (await gateway.get('/metrics')).text());
    }),
  );
  return answers.every(Boolean);
};

const bothSee = (ada: Person, bob: Person, frames: number): Promise<unknown> =>
  Promise.all([ada.rtc.decodes(bob.rtc.participantId, frames, 30_000), bob.rtc.decodes(ada.rtc.participantId, frames, 30_000)]);

const trial = async (name: string, fault: Fault, cluster: Cluster): Promise<Result> => {
  await until('the cluster to be whole', () => isWhole(cluster), 30_000);
  const [ada, bob] = await cluster.talk();
  try {
    await bothSee(ada, bob, 30);
    const quiet = watchGaps(ada, bob);
    await pause(1_500);
    const before = quiet();
    const gap = watchGaps(ada, bob);
    const back = await fault.run(cluster, ada, bob);
    await bothSee(ada, bob, 20);
    return { fault: name, before, gap: gap(), load: loadNow(), ...(back === undefined ? {} : { back: Math.round(back) }) };
  } finally {
    for (const person of [ada, bob]) person.leave();
    await fault.heal(cluster);
    const closer = await cluster.signIn(cluster.gateways[1]!, 'client');
    await closer.request('interview.end', { interviewId: ada.rtc.interviewId });
    closer.terminate();
  }
};

const quantile = (samples: readonly number[], share: number): number | string =>
  samples.length === 0
    ? '-'
    : [...samples].sort((one, other) => one - other)[Math.max(0, Math.ceil(samples.length * share) - 1)]!;
const row = (name: string, results: readonly Result[]): string => {
  const of = (read: (result: Result) => number | undefined, share: number) =>
    quantile(
      results.map(read).filter((value) => value !== undefined),
      share,
    );
  const cells = [
    name,
    results.length,
    `${of(({ load }) => load, 0)} to ${of(({ load }) => load, 1)}`,
    of(({ before }) => before, 0.5),
    of(({ before }) => before, 0.95),
    of(({ gap }) => gap, 0.5),
    of(({ gap }) => gap, 0.95),
    of(({ back }) => back, 0.5),
    of(({ back }) => back, 0.95),
  ];
  return `| ${cells.join(' | ')} |`;
};

const known: Result[] =
  values.results !== undefined && existsSync(values.results)
    ? readFileSync(values.results, 'utf8')
        .trim()
        .split('\n')
        .filter(Boolean)
        .map((line) => JSON.parse(line))
    : [];
const keep = (result: Result): void => {
  known.push(result);
  if (values.results !== undefined) appendFileSync(values.results, `${JSON.stringify(result)}\n`);
};

/** All trials of a fault that are still to be made, in one cluster. */
const trialsIn = async (name: string, fault: Fault, left: () => number): Promise<void> => {
  const cluster = await startProcessCluster();
  try {
    while (left() > 0) keep(await trial(name, fault, cluster));
  } finally {
    await cluster.close();
  }
};

let failures = 0;
const names = [...Object.keys(FAULTS), DRAINED];
for (const name of names) {
  if (values.only === undefined ? name === 'Redis down 60 s' : values.only !== name) continue;
  const left = () => trials - known.filter((result) => result.fault === name).length;
  const fault = FAULTS[name];
  while (left() > 0 && failures < trials) {
    try {
      if (fault === undefined) keep(await drainTrial());
      else await trialsIn(name, fault, left);
    } catch (error) {
      // A trial that did not come to its end tells nothing of gaps; it is made again, on another cluster.
      failures += 1;
      process.stderr.write(`${name}: ${error instanceof Error ? error.message : error}\n`);
    }
  }
}
process.stdout.write(
  `| fault | trials | load | longest gap before, ms: p50 | p95 | gap, ms: p50 | p95 | back, ms: p50 | p95 |
| --- | --- | --- | --- | --- | --- | --- | --- | --- |
${names
  .map((name) => [name, known.filter(({ fault }) => fault === name)] as const)
  .filter(([, results]) => results.length > 0)
  .map(([name, results]) => row(name, results))
  .join('\n')}
${failures} trials did not come to their end.
`,
);
process.exit(0);
