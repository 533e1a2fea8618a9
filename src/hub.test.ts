import { describe, expect, it } from 'vitest';
import { createMemoryBus } from './broker/memory-broker.ts';
import { createHub, type FrameClass, topics, unsentShare } from './hub.ts';

describe('who may no longer hear a topic', () => {
  it('[PR4] is taken off it on every node, all their devices, and nobody else is', async () => {
    const bus = createMemoryBus();
    const [here, there] = [createHub({ broker: bus.join() }), createHub({ broker: bus.join() })];
    const heard: string[] = [];
    const listen = (name: string, userId: string, hub: typeof here) =>
      hub.subscribe('typing:thread-1', { userId, push: (frame) => void heard.push(`${name} ${frame}`) });
    await Promise.all([
      listen('phone', 'bob', here),
      listen('laptop', 'bob', there),
      listen('tablet', 'bob', there),
      listen('other', 'ada', there),
    ]);
    here.drop('typing:thread-1', 'bob');
    here.publish('typing:thread-1', 'frame');
    await new Promise((resolve) => setImmediate(resolve));
    expect(heard).toEqual(['other frame']);
  });
});

describe('the classes of frames', () => {
  it('[SE28] a topic says what its frames are worth: typing least, then presence, and what is durable is never dropped', async () => {
    const hub = createHub({ broker: createMemoryBus().join() });
    const heard: [string, FrameClass][] = [];
    const listener = { userId: 'ada', push: (frame: string, kind: FrameClass) => void heard.push([frame, kind]) };
    for (const [frame, topic] of [
      ['message', topics.inbox('ada')],
      ['presence', topics.presence('bob')],
      ['typing', topics.typing('thread-1')],
      ['unheard of', 'something:new'],
    ] as const) {
      await hub.subscribe(topic, listener);
      hub.publish(topic, frame);
    }
    expect(heard).toEqual([
      ['message', 'durable'],
      ['presence', 'presence'],
      ['typing', 'typing'],
      ['unheard of', 'durable'],
    ]);
    expect((['typing', 'presence', 'durable'] as const).map(unsentShare)).toEqual([1 / 8, 1 / 4, Number.POSITIVE_INFINITY]);
  });
});
