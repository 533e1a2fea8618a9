import { describe, expect, it } from 'vitest';
import { createMemoryBus } from './broker/memory-broker.ts';
import { createHub, type FrameClass, topics, unsentShare } from './hub.ts';

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
