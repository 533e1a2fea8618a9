/**
 * A room of many: bots join one after the other, all send sound and picture, six speak, and for some seconds it is counted what the
 * workers forward and what that costs. On several nodes the first has the room and the others lend it places.
 * Usage: node loadtest/large-room.ts [PEOPLE] [WORKERS OF A NODE] [SECONDS] [NODES]
 */
import { randomUUID } from 'node:crypto';
import { availableParallelism, loadavg } from 'node:os';
import { linkToNode } from '../test/media/links.ts';
import { startNeighbours } from '../test/media/neighbours.ts';
import { createRtpBot, type RtpBot } from '../test/media/rtp-bot.ts';
import { until } from '../test/support/until.ts';

const [people = 30, workers = 2, seconds = 10, nodes = 1] = process.argv.slice(2).map(Number);
const SPEAKING = 6;

const test = await startNeighbours(nodes, { workers });
const [first] = test.nodes;
if (first === undefined) throw new Error('There is no node.');
const workersOf = async () => (await Promise.all(test.nodes.map((node) => node.stats()))).flat();
const interviewId = randomUUID();
const bots: RtpBot[] = [];
const joins: number[] = [];
for (let at = 0; at < people; at += 1) {
  const participantId = randomUUID();
  const bot = createRtpBot({ link: linkToNode(first.node, `user-${at}`, participantId), interviewId, participantId });
  if (at < SPEAKING) bot.setLevel(20);
  bots.push(bot);
  const since = performance.now();
  await bot.join();
  joins.push(performance.now() - since);
}
const joined = performance.now();
await until('everyone to see everyone', () => bots.every((bot) => bot.received('camera').size === people - 1), 60_000);
const seen = performance.now() - joined;
// What it costs is measured once a second.
await new Promise((resolve) => setTimeout(resolve, 2_000));
for (const bot of bots) bot.forget();
const from = performance.now();
const cpuBefore = process.cpuUsage();
const cpus: number[][] = [];
for (let second = 0; second < seconds; second += 1) {
  await new Promise((resolve) => setTimeout(resolve, 1_000));
  cpus.push((await workersOf()).map(({ cpu }) => cpu));
}
const elapsed = (performance.now() - from) / 1_000;
const { user, system } = process.cpuUsage(cpuBefore);
const countOf = (bot: RtpBot, source: 'camera' | 'microphone'): number =>
  [...bot.received(source).values()].reduce((sum, packets) => sum + packets, 0);
const rate = (source: 'camera' | 'microphone'): number =>
  Math.round(bots.reduce((sum, bot) => sum + countOf(bot, source), 0) / elapsed);
const ordered = [...joins].sort((a, b) => a - b);
const now = await workersOf();

console.info(
  `${people} people, ${nodes} nodes of ${workers} workers, ${availableParallelism()} cores, load average ${loadavg()[0]?.toFixed(1)}`,
);
console.info(`joining: p50 ${ordered[Math.floor(people / 2)]?.toFixed(0)} ms, worst ${ordered.at(-1)?.toFixed(0)} ms`);
console.info(`everyone saw everyone ${seen.toFixed(0)} ms after the last had joined`);
console.info(`received a second: ${rate('camera')} packets of pictures, ${rate('microphone')} of sound`);
for (const [at, { consumers }] of now.entries()) {
  const mean = cpus.reduce((sum, each) => sum + (each[at] ?? 0), 0) / cpus.length;
  console.info(`worker ${at + 1}: ${consumers} consumers, ${Math.round(mean * 100)} % of a core`);
}
console.info(`bots and nodes: ${Math.round((user + system) / 10_000 / elapsed)} % of a core`);
for (const bot of bots) bot.close();
await test.close();
process.exit(0);
