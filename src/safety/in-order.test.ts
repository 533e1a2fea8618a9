import { setTimeout as sleep } from 'node:timers/promises';
import { expect, it } from 'vitest';
import { createInOrder } from './in-order.ts';

it('[LI8] answers come in the order of their questions, refusals too, while the questions are asked at once', async () => {
  const inOrder = createInOrder();
  const [began, went]: [string[], string[]] = [[], []];
  const ask = async (name: string, ms: number, key = 'one', fails = false): Promise<void> => {
    try {
      await inOrder.ask(key, async () => {
        began.push(name);
        await sleep(ms);
        if (fails) throw new Error('No.');
      });
    } catch {
      went.push(`${name} refused`);
      return;
    }
    went.push(name);
  };
  await Promise.all([ask('a', 60), ask('b', 5), ask('c', 30, 'one', true), ask('d', 1), ask('e', 1, 'other')]);
  expect(began).toEqual(['a', 'b', 'c', 'd', 'e']);
  expect(went).toEqual(['e', 'a', 'b', 'c refused', 'd']);
  await ask('later', 1);
  expect(went.at(-1)).toBe('later');
});
