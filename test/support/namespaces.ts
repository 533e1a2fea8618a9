/**
 * A network of the test's own, in three of Linux's network namespaces: people, a firewall, servers. What the two sides send each other
 * is forwarded by the firewall, which lets through what the test says (nftables). Nothing of it shows on the host, and it goes with the
 * test's process. Root on Linux only.
 */
import { execFile, execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);

const onPath = (name: string): boolean =>
  (process.env.PATH ?? '').split(delimiter).some((folder) => folder !== '' && existsSync(join(folder, name)));

/** Why this host cannot have such a network; undefined where it can. */
export const whyNoNamespaces = (): string | undefined => {
  if (process.platform !== 'linux') return 'network namespaces are Linux’s';
  if (process.getuid?.() !== 0) return 'network namespaces need root';
  const missing = ['ip', 'nft'].filter((name) => !onPath(name));
  if (missing.length > 0) return `not installed: ${missing.join(', ')}`;
  const probe = `parley-${process.pid}-probe`;
  try {
    execFileSync('ip', ['netns', 'add', probe], { stdio: 'pipe' });
  } catch (error) {
    return `no network namespace can be made: ${(error as Error).message}`;
  }
  try {
    execFileSync('ip', ['netns', 'exec', probe, 'nft', 'add', 'table', 'inet', 'probe'], { stdio: 'pipe' });
    return undefined;
  } catch (error) {
    return `the kernel does not take nftables’ rules: ${(error as Error).message}`;
  } finally {
    execFileSync('ip', ['netns', 'delete', probe]);
  }
};

export interface Namespace {
  readonly address: string;
  /** What to put before a command so that it runs there. It is replaced by the command: the process id is the command's own. */
  readonly within: readonly [string, ...string[]];
  /** Whether something there answers a TCP connection. */
  answers(address: string, port: number): Promise<boolean>;
}

/** What is let through from people to servers, and back. */
export interface Firewall {
  /** Of TCP everything, or these ports. */
  readonly tcp: 'all' | readonly number[];
  readonly udp: boolean;
  /** How many of a hundred packets are lost, either way. */
  readonly lossPercent?: number;
}

export interface Network {
  readonly people: Namespace;
  readonly servers: Namespace;
  /** From now on; connections that it does not let through any more go silent, as in the world. */
  filter(firewall: Firewall): Promise<void>;
  /** Packets that the firewall swallowed since the last `filter`: of UDP where that is closed, and those that are lost. */
  swallowed(): Promise<number>;
  close(): Promise<void>;
}

const PEOPLE = '10.80.1.2';
const SERVERS = '10.80.2.2';

const rulesOf = ({ tcp, udp, lossPercent = 0 }: Firewall): string => {
  const ports = tcp === 'all' ? '' : `{ ${tcp.join(', ')} }`;
  const tcpRules =
    tcp === 'all'
      ? ['meta l4proto tcp accept']
      : [`iifname "people" tcp dport ${ports} accept`, `iifname "servers" tcp sport ${ports} accept`];
  const rules = [
    ...(lossPercent > 0 ? [`numgen random mod 100 < ${lossPercent} counter name swallowed drop`] : []),
    ...tcpRules,
    udp ? 'meta l4proto udp accept' : 'meta l4proto udp counter name swallowed',
  ];
  return [
    'flush ruleset',
    'table inet firewall {',
    '  counter swallowed {}',
    '  chain forward {',
    '    type filter hook forward priority 0; policy drop;',
    ...rules.map((rule) => `    ${rule}`),
    '  }',
    '}',
    '',
  ].join('\n');
};

const isAlive = (pid: number): boolean => {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
};

/** Removes what runs left behind that were killed before they could. */
const removeLeftovers = async (): Promise<void> => {
  const { stdout } = await run('ip', ['netns', 'list']);
  for (const [name, pid] of stdout.matchAll(/^parley-(\d+)-\w+/gm)) {
    if (!isAlive(Number(pid))) await run('ip', ['netns', 'delete', name]);
  }
};

/** Lets everything through until `filter` is called. */
export const createNetwork = async (): Promise<Network> => {
  await removeLeftovers();
  const name = (part: string): string => `parley-${process.pid}-${part}`;
  const made: string[] = [];
  const removeAll = (): void => {
    for (const namespace of made.splice(0)) execFileSync('ip', ['netns', 'delete', namespace]);
  };
  process.once('exit', removeAll);

  const ip = (part: string, ...args: string[]) => run('ip', ['-n', name(part), ...args]);
  const exec = (part: string): [string, ...string[]] => ['ip', 'netns', 'exec', name(part)];
  const within = async (part: string, command: readonly string[], input?: string): Promise<string> => {
    const [first, ...before] = exec(part);
    const running = run(first, [...before, ...command], { timeout: 5_000 });
    // A command that ends before it has read all says why by its exit code.
    running.child.stdin?.on('error', () => {});
    if (input !== undefined) running.child.stdin?.end(input);
    return (await running).stdout;
  };

  const connect = async (part: 'people' | 'servers', address: string): Promise<Namespace> => {
    const gateway = address.replace(/\d+$/, '1');
    await ip('firewall', 'link', 'add', part, 'type', 'veth', 'peer', 'name', 'eth0', 'netns', name(part));
    await ip('firewall', 'address', 'add', `${gateway}/24`, 'dev', part);
    await ip('firewall', 'link', 'set', part, 'up');
    await ip(part, 'address', 'add', `${address}/24`, 'dev', 'eth0');
    await ip(part, 'link', 'set', 'eth0', 'up');
    await ip(part, 'link', 'set', 'lo', 'up');
    await ip(part, 'route', 'add', 'default', 'via', gateway);
    return {
      address,
      within: exec(part),
      answers: (host, port) =>
        within(part, ['bash', '-c', `exec 3<>/dev/tcp/${host}/${port}`]).then(
          () => true,
          () => false,
        ),
    };
  };

  const close = async (): Promise<void> => {
    process.removeListener('exit', removeAll);
    removeAll();
  };
  try {
    for (const part of ['people', 'firewall', 'servers']) {
      await run('ip', ['netns', 'add', name(part)]);
      made.push(name(part));
    }
    const people = await connect('people', PEOPLE);
    const servers = await connect('servers', SERVERS);
    await within('firewall', ['sh', '-c', 'echo 1 > /proc/sys/net/ipv4/ip_forward']);
    return {
      people,
      servers,
      filter: async (firewall) => void (await within('firewall', ['nft', '-f', '-'], rulesOf(firewall))),
      async swallowed() {
        const counter = await within('firewall', ['nft', 'list', 'counter', 'inet', 'firewall', 'swallowed']);
        return Number(/packets (\d+)/.exec(counter)?.[1]);
      },
      close,
    };
  } catch (error) {
    await close();
    throw error;
  }
};
