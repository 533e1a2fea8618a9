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
