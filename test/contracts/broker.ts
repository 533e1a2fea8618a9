/** What every broker promises (src/broker/broker.ts), for any implementation. */
import { afterEach, describe, expect, it } from 'vitest';
import type { Broker } from '../../src/broker/broker.ts';
import { until } from '../support/until.ts';

/** `join` makes one more node of the same bus. */
export const brokerContract = (name: string, join: () => Promise<Broker>): void => {
  describe(`broker contract: ${name}`, () => {
    const open: Broker[] = [];
    const node = async () => {
      const broker = await join();
      const heard: [string, string][] = [];
      const errors: Error[] = [];
      broker.onFrame((topic, frame) => heard.push([topic, frame]));
      broker.onError((error) => errors.push(error));
      open.push(broker);
      return { broker, heard, errors };
    };
    afterEach(async () => {
      await Promise.all(open.splice(0).map((broker) => broker.close()));
    });

    it('[DE10] a frame reaches every other subscribed node once, in order, and never comes back', async () => {
      const [a, b, c] = [await node(), await node(), await node()];
      for (const { broker } of [a, b]) await broker.subscribe('inbox:ada');
      await c.broker.subscribe('inbox:bob');
      for (let index = 0; index < 200; index++) a.broker.publish('inbox:ada', `${index}`);
      await until('200 frames', () => b.heard.length === 200);
      expect(b.heard.map(([, frame]) => frame)).toEqual(Array.from({ length: 200 }, (_, index) => `${index}`));
      expect([a.heard, c.heard]).toEqual([[], []]);
    });

    it('[DE10] a topic is heard until its last subscription is given up', async () => {
      const [a, b] = [await node(), await node()];
      await b.broker.subscribe('t');
      await b.broker.subscribe('t');
      b.broker.unsubscribe('t');
      a.broker.publish('t', 'one');
      await until('the frame', () => b.heard.length === 1);
      b.broker.unsubscribe('t');
      await b.broker.subscribe('end');
      a.broker.publish('t', 'two');
      a.broker.publish('end', 'end');
      await until('the end', () => b.heard.some(([topic]) => topic === 'end'));
      expect(b.heard.map(([, frame]) => frame)).toEqual(['one', 'end']);
    });

    it('[DE10] [BR1] a frame is carried as it is: any Unicode, and 64 KiB of it', async () => {
      const [a, b] = [await node(), await node()];
      const frames = ['', '{"body":"Zoë — 你好 👩‍👩‍👧 \\u0000"}', 'a\r\nb\u0000c', '🙂'.repeat(16_384), 'x'.repeat(65_536)];
      await b.broker.subscribe('inbox:ada@example.com:1');
      for (const frame of frames) a.broker.publish('inbox:ada@example.com:1', frame);
      await until('the frames', () => b.heard.length === frames.length);
      expect(b.heard.map(([topic]) => topic)).toEqual(frames.map(() => 'inbox:ada@example.com:1'));
      expect(b.heard.map(([, frame]) => frame)).toEqual(frames);
    });

    it('[DE10] [BR1] each topic keeps its order while many are published to by several nodes', async () => {
      const [a, b, c] = [await node(), await node(), await node()];
      const topics = Array.from({ length: 50 }, (_, index) => `inbox:user-${index}`);
      await Promise.all(topics.map((topic) => c.broker.subscribe(topic)));
      const rounds = 100;
      for (let round = 0; round < rounds; round++) {
        for (const topic of topics) for (const [name, { broker }] of [a, b].entries()) broker.publish(topic, `${name}:${round}`);
        if (round % 10 === 0) await new Promise((resolve) => setImmediate(resolve));
      }
      await until('all frames', () => c.heard.length === 2 * rounds * topics.length);
      for (const topic of topics) {
        for (const name of [0, 1]) {
          const rest = c.heard.filter(([at, frame]) => at === topic && frame.startsWith(`${name}:`)).map(([, frame]) => frame);
          expect(rest).toEqual(Array.from({ length: rounds }, (_, round) => `${name}:${round}`));
        }
      }
    });

    it('[DE10] [BR2] 10,000 topics come and go, and exactly those that are left are heard', async () => {
      const [a, b] = [await node(), await node()];
      const topics = Array.from({ length: 10_000 }, (_, index) => `inbox:user-${index}`);
      const subscribed = Promise.all(topics.map((topic) => b.broker.subscribe(topic)));
      // Some change their mind before and some after it was asked for.
      for (const topic of topics.slice(0, 2_000)) b.broker.unsubscribe(topic);
      for (const topic of topics.slice(1_000, 2_000)) await b.broker.subscribe(topic);
      await subscribed;
      for (const topic of topics.slice(8_000)) b.broker.unsubscribe(topic);
      await Promise.all(topics.slice(9_000).map((topic) => b.broker.subscribe(topic)));
      const left = [...topics.slice(1_000, 8_000), ...topics.slice(9_000)];
      for (const topic of topics) a.broker.publish(topic, 'x');
      a.broker.publish(left.at(-1) as string, 'end');
      await until('the frames', () => b.heard.length >= left.length + 1, 30_000);
      expect(
        b.heard
          .filter(([, frame]) => frame === 'x')
          .map(([topic]) => topic)
          .sort(),
      ).toEqual(left.sort());
      expect(b.errors).toEqual([]);
    });

    it('[DE10] publishing never throws, not even after close, and a listener that throws is told to onError', async () => {
      const [a, b] = [await node(), await node()];
      await b.broker.subscribe('t');
      b.broker.onFrame(() => {
        throw new Error('a listener of the test');
      });
      a.broker.publish('t', 'x');
      await until('the error', () => b.errors.length === 1);
      await a.broker.close();
      await a.broker.close();
      a.broker.publish('t', 'y');
    });
  });
};
