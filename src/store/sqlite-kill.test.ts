import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { expect, it, onTestFinished } from 'vitest';
import { openGroup, people, post } from '../../test/contracts/store/fixtures.ts';
import { openSqliteStore } from './sqlite-store.ts';
import type { Store } from './store.ts';

const FIXTURE = fileURLToPath(new URL('./sqlite/post-burst.fixture.ts', import.meta.url));

interface Burst {
  /** Sender by client message id. */
  readonly tried: ReadonlyMap<string, string>;
  /** Offset by client message id. */
  readonly acknowledged: ReadonlyMap<string, number>;
}

/** Runs a process that posts, and kills it when it has told of so many acknowledgements. */
const killAfter = async (acknowledgements: number, args: readonly string[]): Promise<Burst> => {
  const child = spawn(process.execPath, [FIXTURE, ...args], { stdio: ['ignore', 'pipe', 'inherit'] });
  const exit = once(child, 'exit');
  const tried = new Map<string, string>();
  const acknowledged = new Map<string, number>();
  for await (const line of createInterface({ input: child.stdout })) {
    const [word, id, value] = line.split(' ') as [string, string, string];
    if (word === 'try') tried.set(id, value);
    else acknowledged.set(id, Number(value));
    if (acknowledged.size === acknowledgements) child.kill('SIGKILL');
  }
  await exit;
  expect(child.signalCode).toBe('SIGKILL');
  return { tried, acknowledged };
};

/** Offsets of all messages by client message id; expects that none is there twice and that no offset is missing. */
const allMessages = async (store: Store, userId: string, threadId: string): Promise<Map<string, number>> => {
  const found = new Map<string, number>();
  let after = 0;
  for (let more = true; more; ) {
    const page = await store.history(userId, { threadId, after, limit: 100 });
    for (const event of page.events) {
      after += 1;
      expect(event.offset).toBe(after);
      if (event.type !== 'message.posted') continue;
      expect(found.has(event.message.clientMessageId)).toBe(false);
      found.set(event.message.clientMessageId, event.offset);
    }
    ({ more } = page);
  }
  return found;
};

it('[ST1][ST4][ST6] SIGKILL in a burst of posts loses none that was acknowledged, leaves no hole, and doubles none that is sent again', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'parley-kill-'));
  onTestFinished(() => rm(folder, { recursive: true }));
  const path = join(folder, 'store.sqlite');
  const first = await openSqliteStore({ path });
  const userIds = await people(first, 2);
  const threadId = await openGroup(first, userIds);
  await first.close();

  for (const acknowledgements of [1, 600]) {
    const { tried, acknowledged } = await killAfter(acknowledgements, [path, threadId, ...userIds]);
    const store = await openSqliteStore({ path });
    const found = await allMessages(store, userIds[0]!, threadId);
    for (const [id, offset] of acknowledged) expect(found.get(id)).toBe(offset);

    // What was tried and not acknowledged may be there or not.
    for (const [id, senderId] of tried) {
      const message = await post(store, threadId, senderId, `Body of ${id}`, id);
      expect(message.offset).toBe(found.get(id) ?? message.offset);
    }
    const whole = await allMessages(store, userIds[0]!, threadId);
    for (const id of tried.keys()) expect(whole.has(id)).toBe(true);
    const head = whole.size + 1;
    expect(await store.heads(userIds)).toEqual(new Map(userIds.map((userId) => [userId, head])));
    await store.close();
  }
}, 120_000);
