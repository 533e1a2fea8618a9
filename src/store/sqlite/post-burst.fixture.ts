/**
 * A process for a test to kill: posts as fast as the store takes it, sixteen at a time, and prints `try ID SENDER` before and
 * `ack ID OFFSET` after each. Usage: node post-burst.fixture.ts PATH THREAD SENDER…
 */
import { randomUUID } from 'node:crypto';
import { openSqliteStore } from '../sqlite-store.ts';

const [path, threadId, ...senderIds] = process.argv.slice(2) as [string, string, ...string[]];
const store = await openSqliteStore({ path });

const print = (line: string): void => {
  process.stdout.write(`${line}\n`);
};

const postForever = async (senderId: string): Promise<never> => {
  for (;;) {
    const clientMessageId = randomUUID();
    print(`try ${clientMessageId} ${senderId}`);
    const body = `Body of ${clientMessageId}`;
    const { result } = await store.postMessage({ threadId, senderId, clientMessageId, body, at: Date.now() });
    print(`ack ${clientMessageId} ${result.message.offset}`);
  }
};

await Promise.all(Array.from({ length: 16 }, (_, lane) => postForever(senderIds[lane % senderIds.length]!)));
