/** The faults that a run can have, and a seeded plan of which of them come when. A plan is data: the same seed gives the same. */
import type { Deployment, GatewayNode, Topology } from '../support/deployment.ts';
import type { Random } from '../support/random.ts';
import type { ServerProcess } from '../support/server-process.ts';
import type { Device } from './device.ts';

export interface Stage {
  readonly deployment: Deployment;
  readonly devices: readonly Device[];
}

export interface Planned {
  readonly kind: string;
  /** Since the beginning of the run. */
  readonly atMs: number;
  readonly lastsMs: number;
  /** Which of those that could be hit, from 0 up to 1. */
  readonly target: number;
}

export interface Fault {
  readonly on: 'both' | 'cluster';
  readonly lastsMs: readonly [least: number, most: number];
  /** Breaks something; returns how it is healed. */
  strike(stage: Stage, planned: Planned): Promise<() => Promise<void> | void>;
}

const hit = <Value>(values: readonly Value[], { target }: Planned): Value => values[Math.floor(target * values.length)] as Value;
const processOf = ({ deployment }: Stage, planned: Planned): GatewayNode => hit(deployment.gateways, planned);

const killed = async (server: ServerProcess, signal: NodeJS.Signals): Promise<() => Promise<void>> => {
  await server.stop(signal);
  return () => server.start();
};
const stopped = (pid: number): (() => void) => {
  process.kill(pid, 'SIGSTOP');
  return () => void process.kill(pid, 'SIGCONT');
};
const onEngine = (engine: { signal(signal: NodeJS.Signals): void } | undefined): (() => void) => {
  engine?.signal('SIGSTOP');
  return () => engine?.signal('SIGCONT');
};

export const FAULTS: Readonly<Record<string, Fault>> = {
  'gateway killed': {
    on: 'both',
    lastsMs: [100, 1_500],
    strike: (stage, planned) => killed(processOf(stage, planned).server, 'SIGKILL'),
  },
  'gateway drained': {
    on: 'both',
    lastsMs: [100, 1_000],
    strike: (stage, planned) => killed(processOf(stage, planned).server, 'SIGTERM'),
  },
  'gateway hung': {
    on: 'both',
    lastsMs: [500, 4_000],
    strike: async (stage, planned) => stopped(processOf(stage, planned).server.pid()),
  },
  'line cut': {
    on: 'both',
    lastsMs: [50, 2_000],
    strike: async (stage, planned) => {
      const { front } = processOf(stage, planned);
      front.cut();
      return front.restore;
    },
  },
  'line frozen': {
    on: 'both',
    lastsMs: [500, 4_000],
    strike: async (stage, planned) => {
      const { front } = processOf(stage, planned);
      front.freeze();
      return front.restore;
    },
  },
  'line slow': {
    on: 'both',
    lastsMs: [1_000, 3_000],
    strike: async (stage, planned) => {
      const { front } = processOf(stage, planned);
      front.delay(400);
      return front.restore;
    },
  },
  'answers lost': {
    on: 'both',
    lastsMs: [500, 3_000],
    strike: async (stage, planned) => {
      const { front } = processOf(stage, planned);
      front.freeze('down');
      // What was on its way never comes: the connections break with it in them.
      return () => {
        front.cut();
        front.restore();
      };
    },
  },
  'slow reader': {
    on: 'both',
    lastsMs: [500, 3_000],
    strike: async ({ devices }, planned) => {
      const { line } = hit(devices, planned);
      line.freeze('down');
      return line.restore;
    },
  },
  'clock skew': {
    on: 'both',
    lastsMs: [1_000, 3_000],
    strike: async ({ devices }, planned) => {
      const device = hit(devices, planned);
      device.skewMs = (planned.lastsMs % 2 === 0 ? 1 : -1) * 300_000;
      return () => {
        device.skewMs = 0;
      };
    },
  },
  'media node killed': {
    on: 'cluster',
    lastsMs: [500, 2_000],
    strike: ({ deployment }, planned) => killed(hit(deployment.mediaNodes, planned), 'SIGKILL'),
  },
  'media node hung': {
    on: 'cluster',
    lastsMs: [500, 4_000],
    strike: async ({ deployment }, planned) => stopped(hit(deployment.mediaNodes, planned).pid()),
  },
  'Redis killed': {
    on: 'cluster',
    lastsMs: [200, 3_000],
    strike: async ({ deployment: { redis } }) => {
      await redis?.stop();
      return () => redis?.start();
    },
  },
  'Redis flushed': {
    on: 'cluster',
    lastsMs: [100, 100],
    strike: async ({ deployment: { redis } }) => {
      await redis?.ask('FLUSHALL');
      return () => {};
    },
  },
  'Redis hung': { on: 'cluster', lastsMs: [500, 4_000], strike: async ({ deployment }) => onEngine(deployment.redis) },
  'Redis failed over': {
    on: 'cluster',
    lastsMs: [500, 2_000],
    strike: async ({ deployment: { redis } }) => {
      await redis?.sentinel?.whole();
      await redis?.sentinel?.failOver();
      // It stays so. The old master, which nobody was told to leave but by the Sentinel, is demoted in ten seconds.
      return () => {};
    },
  },
  'Redis master killed': {
    on: 'cluster',
    lastsMs: [500, 3_000],
    strike: async ({ deployment: { redis } }) => {
      await redis?.sentinel?.whole();
      await redis?.sentinel?.killMaster();
      return () => redis?.sentinel?.startAll();
    },
  },
  'PostgreSQL crashed': {
    on: 'cluster',
    lastsMs: [200, 1_500],
    strike: async ({ deployment: { postgres } }) => {
      await postgres?.stop('SIGQUIT');
      return () => postgres?.start();
    },
  },
  'Redis cut off': {
    on: 'cluster',
    lastsMs: [500, 4_000],
    strike: async (stage, planned) => {
      const { redis } = processOf(stage, planned).back;
      redis?.cut();
      return () => redis?.restore();
    },
  },
  'PostgreSQL cut off': {
    on: 'cluster',
    lastsMs: [500, 3_000],
    strike: async (stage, planned) => {
      const { postgres } = processOf(stage, planned).back;
      postgres?.cut();
      return () => postgres?.restore();
    },
  },
  'PostgreSQL frozen': {
    on: 'cluster',
    lastsMs: [500, 3_000],
    strike: async (stage, planned) => {
      const { postgres } = processOf(stage, planned).back;
      postgres?.freeze();
      return () => postgres?.restore();
    },
  },
};

const FIRST_MS = 1_500;
const GAP_MS = [3_000, 8_000] as const;

export const planFaults = (random: Random, topology: Topology, forMs: number): Planned[] => {
  const kinds = Object.keys(FAULTS).filter((kind) => topology === 'cluster' || FAULTS[kind]?.on === 'both');
  const between = ([least, most]: readonly [number, number]): number => least + random.int(most - least + 1);
  const plan: Planned[] = [];
  // Kinds come like cards: each once before any comes again, so that a short run has many.
  let deck: string[] = [];
  for (let atMs = FIRST_MS; atMs < forMs; ) {
    if (deck.length === 0) deck = [...kinds];
    const [kind] = deck.splice(random.int(deck.length), 1) as [string];
    const lastsMs = between((FAULTS[kind] as Fault).lastsMs);
    plan.push({ kind, atMs, lastsMs, target: random.next() });
    atMs += lastsMs + between(GAP_MS);
  }
  return plan;
};

export const strike = (stage: Stage, planned: Planned): Promise<() => Promise<void> | void> =>
  (FAULTS[planned.kind] as Fault).strike(stage, planned);
