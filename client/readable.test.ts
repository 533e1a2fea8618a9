import { describe, expect, test } from 'vitest';
import { createCell, createView } from './readable.ts';

const turn = () => new Promise<void>((resolve) => queueMicrotask(resolve));

describe('what one can subscribe to', () => {
  test('[CL34] listeners are called once a microtask, only after a change, and no longer once they have stopped', async () => {
    const cell = createCell(1);
    const heard: number[] = [];
    const stop = cell.subscribe(() => heard.push(cell.get()));
    cell.set(2);
    cell.set(3);
    expect(cell.get()).toBe(3);
    expect(heard).toEqual([]);
    await turn();
    cell.set(3);
    await turn();
    cell.set(4);
    cell.set(3);
    await turn();
    expect(heard).toEqual([3]);
    stop();
    cell.set(5);
    await turn();
    expect(heard).toEqual([3]);
  });

  test('[CL34] a value keeps its identity until something in it changes', async () => {
    const part = { threads: ['t1'] as readonly string[], unread: 0 };
    const view = createView(() => ({ ...part }));
    const list = createView(() => part.threads.map((id) => id));
    const [before, ids] = [view.get(), list.get()];
    view.invalidate();
    list.invalidate();
    expect(view.get()).toBe(before);
    expect(list.get()).toBe(ids);
    part.unread = 1;
    expect(view.get()).toBe(before);
    view.invalidate();
    expect(view.get()).toEqual({ threads: ['t1'], unread: 1 });
    expect(view.get()).toBe(view.get());
    expect(view.get().threads).toBe(before.threads);
  });

  test('[CL34] the same listener subscribed twice is two, and one that throws does not keep others from hearing', async () => {
    const cell = createCell(0);
    let calls = 0;
    const count = () => {
      calls += 1;
    };
    const [first] = [cell.subscribe(count), cell.subscribe(count)];
    first();
    const thrown: unknown[] = [];
    const before = process.listeners('uncaughtException');
    process.removeAllListeners('uncaughtException');
    process.once('uncaughtException', (error) => thrown.push(error));
    cell.subscribe(() => {
      throw new Error('a listener of the application');
    });
    cell.subscribe(count);
    cell.set(1);
    await new Promise((resolve) => setTimeout(resolve));
    for (const listener of before) process.on('uncaughtException', listener);
    expect(calls).toBe(2);
    expect(thrown).toMatchObject([{ message: 'a listener of the application' }]);
  });
});
