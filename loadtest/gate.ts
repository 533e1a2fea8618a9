/**
 * What the guard costs a post: people who each post one message after the other in a thread of their own, through the real socket, with the
 * default policy and with one that allows everything, in turns.
 *
 *     script/run node loadtest/gate.ts [PEOPLE] [POSTS] [ROUNDS]
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { OPEN_POLICY, startGateway } from '../test/support/gateway.ts';

const [people = 50, posts = 40, rounds = 3] = process.argv.slice(2).map(Number);

const TEXTS = [
  'Thank you, the second draft reads much better than the first one.',
  'I would keep the header as it is and move the picture below the text, because the eye goes there first on a phone.',
  'Yes.',
  'The file is in the thread above; the names in it are from the old brief, so please take those from the new one.',
];

const percentile = (sorted: readonly number[], share: number): number =>
  sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] as number;

const measure = async (policy: object): Promise<string> => {
  const dataDir = mkdtempSync(join(tmpdir(), 'parley-gate-'));
  const gateway = await startGateway({
    'store.dataDir': dataDir,
    'safety.policy': policy,
    'safety.limits.messagesPerMinute': 0,
    'safety.limits.messagesPerThreadMinute': 0,
    'session.requestsPerSecond': 10_000,
    'session.requestBurst': 10_000,
  });
  const seats = [];
  for (let index = 0; index < people; index += 1) {
    const userIds = [`a-${index}`, `b-${index}`];
    for (const userId of userIds) await gateway.host('PUT', `/v1/users/${userId}`, { displayName: userId });
    const members = userIds.map((userId) => ({ userId, role: 'owner' }));
    const thread = { threadKey: `thread-${index}`, kind: 'group', title: 'Work', members };
    const { body } = await gateway.host('POST', '/v1/threads', thread);
    seats.push({ threadId: body.threadId as string, socket: await gateway.signIn(userIds[0] as string) });
  }
  const times: number[] = [];
  const began = performance.now();
  await Promise.all(
    seats.map(async ({ threadId, socket }) => {
      for (let index = 0; index < posts; index += 1) {
        const asked = performance.now();
        const body = TEXTS[index % TEXTS.length] as string;
        await socket.request('message.post', { threadId, clientMessageId: `message-${index}`, body });
        times.push(performance.now() - asked);
      }
    }),
  );
  const seconds = (performance.now() - began) / 1_000;
  await gateway.close();
  rmSync(dataDir, { recursive: true });
  times.sort((a, b) => a - b);
  return `${Math.round(times.length / seconds)} posts/s, p50 ${percentile(times, 0.5).toFixed(1)} ms, p99 ${percentile(times, 0.99).toFixed(1)} ms`;
};

for (let round = 1; round <= rounds; round += 1) {
  process.stdout.write(`${round}  guarded  ${await measure({})}\n`);
  process.stdout.write(`${round}  open     ${await measure(OPEN_POLICY)}\n`);
}
