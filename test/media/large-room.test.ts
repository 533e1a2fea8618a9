import { randomUUID } from 'node:crypto';
import { afterEach, describe, expect, it } from 'vitest';
import type { MediaStats } from '../../signaling/media-link.ts';
import type { MediaNode } from '../../signaling/media-node.ts';
import { until } from '../support/until.ts';
import { linkToNode } from './links.ts';
import { startNeighbours } from './neighbours.ts';
import { codeOf, startNode } from './node.ts';
import { createRtpBot, type RtpBot } from './rtp-bot.ts';

const PEOPLE = 30;
const LOUD = 6;
const SPEECH = 20;

interface Stand {
  readonly node: MediaNode;
  /** Of every node. */
  workers(): Promise<MediaStats['workers']>;
  close(): Promise<void>;
}

const onTwoWorkers = async (): Promise<Stand> => {
  const { node, close } = await startNode({ workers: 2 });
  return { node, close, workers: async () => (await node.request('stats', {})).workers };
};
const onTwoNodes = async (): Promise<Stand> => {
  const { nodes, close } = await startNeighbours(2);
  const workers = async () => (await Promise.all(nodes.map((node) => node.stats()))).flat();
  return { node: nodes[0]!.node, close, workers };
};

describe('a room of thirty', () => {
  let test: Stand;
  let bots: RtpBot[] = [];
  afterEach(async () => {
    for (const bot of bots) bot.close();
    await test.close();
  });

  it.each([
    ['[ME51] over two workers', onTwoWorkers, 0],
    ['[ME65] over two media nodes', onTwoNodes, 1],
  ])(
    '%s all see each other and hear the loudest six, and a killed worker brings back only its own',
    async (_, start, killed) => {
      test = await start();
      const roomId = randomUUID();
      bots = Array.from({ length: PEOPLE }, (_, at) => {
        const participantId = randomUUID();
        return createRtpBot({ link: linkToNode(test.node, `user-${at}`, participantId), interviewId: roomId, participantId });
      });
      for (const bot of bots) await bot.join();
      const seeAll = (): boolean => bots.every((bot) => bot.received('camera').size === PEOPLE - 1);
      await until('everyone to see everyone', seeAll, 30_000);
      const full = { roomId, participantId: randomUUID(), userId: 'late', joinedAt: Date.now(), maxParticipants: PEOPLE };
      expect(await codeOf(test.node.request('join', full))).toBe('room_full');

      const workers = await test.workers();
      expect(workers.map(({ rooms }) => rooms)).toEqual([1, 1]);
      // Two tracks of everybody else for everybody, and what is piped.
      const consumers = workers.reduce((sum, worker) => sum + worker.consumers, 0);
      expect(consumers).toBeGreaterThan(PEOPLE * (PEOPLE - 1) * 2);

      const loud = bots.slice(0, LOUD);
      for (const bot of loud) bot.setLevel(SPEECH);
      const hearsTheLoud = (bot: RtpBot): boolean => {
        const heard = bot.received('microphone');
        return loud.every((speaker) => speaker === bot || heard.has(speaker.participantId));
      };
      await until('everyone to hear the loud', () => bots.every(hearsTheLoud), 20_000);
      for (const bot of bots) bot.forget();
      await until('everyone to hear the loud still', () => bots.every(hearsTheLoud), 20_000);
      const others = bots.slice(LOUD).map(({ participantId }) => participantId);
      for (const bot of bots) expect([...bot.received('microphone').keys()].filter((id) => others.includes(id))).toEqual([]);

      process.kill(workers[killed]!.pid, 'SIGKILL');
      const lost = (): RtpBot[] => bots.filter(({ events }) => events.some(({ type }) => type === 'media.lost'));
      await until('the loss', () => lost().length > 0 && lost().every(({ joins }) => joins === 2), 30_000);
      for (const bot of bots) bot.forget();
      await until('everyone to see and hear again', () => seeAll() && bots.every(hearsTheLoud), 30_000);
      expect(lost().length).toBeLessThan(PEOPLE);
      expect(bots.filter((bot) => !lost().includes(bot)).every(({ joins }) => joins === 1)).toBe(true);
      expect(bots.flatMap(({ events }) => events).filter(({ type }) => type === 'room.reopened')).toEqual([]);
      console.info(`${consumers} consumers; ${lost().length} of ${PEOPLE} were on the worker that was killed.`);
    },
    120_000,
  );
});
