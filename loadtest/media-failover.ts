/**
 * What a call of two goes through when something under it fails: the longest gap between two decoded frames, and how long it takes until
 * the signaling is back. Real Redis, real media nodes, real WebRTC; see loadtest/README.md.
 *
 *     script/run node loadtest/media-failover.ts [--trials 20] [--only 'node killed']
 *
 * Gateways run in this process; "gateway gone" closes one, which its media nodes and clients see as a killed one: connections that end.
 */
import { execFileSync } from 'node:child_process';
import { parseArgs } from 'node:util';
import { decodes, stageOn, talk, watchFrames } from '../client/interviews/test-stage.ts';
import { type MediaCluster, type Person, startMediaCluster } from '../test/support/media-cluster.ts';
import { until } from '../test/support/until.ts';

const { values } = parseArgs({ options: { trials: { type: 'string', default: '20' }, only: { type: 'string' } } });
const trials = Number(values.trials);

interface Fault {
  /** Does it, and resolves when the call is as before; gives the ms until signaling was back, where that means something. */
  run(cluster: MediaCluster, ada: Person, bob: Person): Promise<number | undefined>;
}

const rejoined = async (ada: Person, bob: Person, since: number): Promise<number> => {
  const before = [ada.rejoins(), bob.rejoins()] as const;
  await until('both to join again', () => ada.rejoins() > before[0] && bob.rejoins() > before[1], 30_000);
  return performance.now() - since;
};
const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

/** The busiest child of a media node: the worker with the room. */
const workersOf = (pid: number): number[] =>
  execFileSync('ps', ['-o', 'pid=', '--ppid', String(pid)], { encoding: 'utf8' })
    .split('\n')
    .map(Number)
    .filter(Boolean);

const FAULTS: Record<string, Fault> = {
  'worker killed': {
    async run(cluster, ada, bob) {
      const node = await cluster.busy();
      const metrics = await (await fetch(`http://127.0.0.1:${node.server.port}/metrics`)).text();
      const pid = Number(/parley_media_rooms\{worker="(\d+)"\} [1-9]/.exec(metrics)?.[1]);
      if (!workersOf(node.server.pid()).includes(pid)) throw new Error('The worker is not a child of its node.');
      process.kill(pid, 'SIGKILL');
      return rejoined(ada, bob, performance.now());
    },
  },
  'node killed': {
    async run(cluster, ada, bob) {
      const node = await cluster.busy();
      const since = performance.now();
      void node.server.stop('SIGKILL');
      return rejoined(ada, bob, since);
    },
  },
  'node hung': {
    async run(cluster, ada, bob) {
      const node = await cluster.busy();
      process.kill(node.server.pid(), 'SIGSTOP');
      return rejoined(ada, bob, performance.now());
    },
  },
  'gateway gone': {
    async run(cluster, ada) {
      const [first, last] = cluster.gateways;
      const since = performance.now();
      await first!.close();
      await ada.resumeOn(last!);
      return performance.now() - since;
    },
  },
  'Redis down 5 s': {
    async run(cluster) {
      await cluster.redis.stop();
      await pause(5_000);
      await cluster.redis.start();
      return undefined;
    },
  },
  'WebSocket cut': {
    async run(cluster, ada) {
      ada.socket().terminate();
      await pause(500);
      const since = performance.now();
      await ada.resumeOn(cluster.gateways[0]!);
      return performance.now() - since;
    },
  },
};

/** The longest pause between two frames that each of them saw of the other; looked at every few ms. */
const watchGaps = (ada: Person, bob: Person): (() => number) => {
  const watch = (who: Person, from: Person) => {
    let [count, at, longest] = [who.shown(from), performance.now(), 0];
    return (): number => {
      const shown = who.shown(from);
      const now = performance.now();
      longest = Math.max(longest, now - at);
      if (shown !== count) [count, at] = [shown, now];
      return longest;
    };
  };
  const looks = [watch(ada, bob), watch(bob, ada)];
  const timer = setInterval(() => {
    for (const look of looks) look();
  }, 4);
  return () => {
    clearInterval(timer);
    return Math.max(...looks.map((look) => look()));
  };
};

const percentile = (samples: number[], share: number): string =>
  samples.length === 0 ? '-' : String(Math.round([...samples].sort((a, b) => a - b)[Math.ceil(samples.length * share) - 1] ?? 0));

interface Outcome {
  readonly baseline: number;
  readonly gap: number;
  readonly back: number | undefined;
}

/** People on the SDK, which moves by itself; "back" is when the node is empty. */
const drainTrial = async (): Promise<Outcome> => {
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
      return longest;
    };
    await Promise.all(calls.map((call) => decodes(call, 40)));
    const baseline = await longestWhile(() => pause(2_000));
    const { nodeId } = await cluster.busy();
    const since = performance.now();
    let back = 0;
    const gap = await longestWhile(async () => {
      await cluster.drain(nodeId, true);
      await until('the node to be empty', async () => !(await cluster.carriers()).includes(nodeId), 30_000);
      back = performance.now() - since;
      await Promise.all(calls.map((call) => decodes(call, 20)));
    });
    return { baseline, gap, back };
  } finally {
    await stage.close();
  }
};

const faultTrial = async (fault: Fault): Promise<Outcome> => {
  const cluster = await startMediaCluster();
  try {
    const [ada, bob] = await cluster.talk();
    await Promise.all([ada.rtc.decodes(bob.rtc.participantId, 40), bob.rtc.decodes(ada.rtc.participantId, 40)]);
    const quiet = watchGaps(ada, bob);
    await pause(2_000);
    const baseline = quiet();
    const stop = watchGaps(ada, bob);
    const back = await fault.run(cluster, ada, bob);
    await Promise.all([ada.rtc.decodes(bob.rtc.participantId, 20), bob.rtc.decodes(ada.rtc.participantId, 20)]);
    return { baseline, gap: stop(), back };
  } finally {
    await cluster.close();
  }
};

process.stdout.write(
  '| fault | trials | longest gap before: p50 | gap ms: p50 | p95 | signaling back ms: p50 | p95 |\n| --- | --- | --- | --- | --- | --- | --- |\n',
);
const trialsByName: Record<string, () => Promise<Outcome>> = {
  ...Object.fromEntries(Object.entries(FAULTS).map(([name, fault]) => [name, () => faultTrial(fault)])),
  'node drained': drainTrial,
};
for (const [name, trial] of Object.entries(trialsByName)) {
  if (values.only !== undefined && values.only !== name) continue;
  const results = [];
  for (let at = 0; at < trials; at += 1) results.push(await trial());
  const gaps = results.map(({ gap }) => gap);
  const backs = results.flatMap(({ back }) => (back === undefined ? [] : [back]));
  const baseline = percentile(
    results.map((result) => result.baseline),
    0.5,
  );
  process.stdout.write(
    `| ${name} | ${trials} | ${baseline} | ${percentile(gaps, 0.5)} | ${percentile(gaps, 0.95)} | ${percentile(backs, 0.5)} | ${percentile(backs, 0.95)} |\n`,
  );
}
process.exit(0);
