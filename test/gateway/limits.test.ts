import { randomUUID } from 'node:crypto';
import { describe, expect, it, onTestFinished } from 'vitest';
import { openThread, startGateway } from '../support/gateway.ts';
import type { RawSocket } from '../support/raw-socket.ts';
import { until } from '../support/until.ts';

const started = async (settings: Record<string, unknown>) => {
  const gateway = await startGateway(
    Object.fromEntries(Object.entries(settings).map(([name, value]) => [`safety.limits.${name}`, value])),
  );
  onTestFinished(() => gateway.close());
  const threadId = await openThread(gateway);
  const waiting = async () => (await gateway.host('GET', '/v1/moderation/cases')).body.cases;
  return { gateway, threadId, waiting };
};

const message = (threadId: string, body = `A message: ${randomUUID()}`) => ({ threadId, clientMessageId: randomUUID(), body });
const post = (socket: RawSocket, threadId: string, body?: string) => socket.request('message.post', message(threadId, body));

describe('limits', () => {
  it('[LI2] a person writes so many messages a minute, on all devices, and then hears how long to wait', async () => {
    const { gateway, threadId } = await started({ messagesPerMinute: 4 });
    const [one, other, talent] = [await gateway.signIn('client'), await gateway.signIn('client'), await gateway.signIn('talent')];
    for (const socket of [one, other, one]) await post(socket, threadId);
    const { offset } = (await post(other, threadId)).message;
    const refusals = [
      await one.refused('message.post', message(threadId)),
      await other.refused('message.edit', { threadId, offset, body: 'Changed' }),
    ];
    for (const refusal of refusals) {
      expect(refusal).toMatchObject({ code: 'rate_limited', retryable: true });
      expect(refusal.retryAfterMs).toBeGreaterThan(50_000);
      expect(refusal.retryAfterMs).toBeLessThanOrEqual(60_000);
    }
    await post(talent, threadId);
    // Deleting is no message.
    await one.request('message.delete', { threadId, offset });
  });

  it('[LI2] in one thread so many messages are written a minute, by all of its members', async () => {
    const { gateway, threadId } = await started({ messagesPerThreadMinute: 3 });
    const [client, talent] = [await gateway.signIn('client'), await gateway.signIn('talent')];
    for (const socket of [client, talent, client]) await post(socket, threadId);
    for (const socket of [client, talent])
      expect((await socket.refused('message.post', message(threadId))).code).toBe('rate_limited');
    const { body } = await gateway.host('POST', '/v1/threads', {
      threadKey: 'other',
      kind: 'group',
      members: [{ userId: 'client' }, { userId: 'talent' }],
    });
    await post(client, body.threadId);
  });

  it('[LI7] what outsiders try, or is refused, leaves the limit of a thread to its members', async () => {
    const { gateway, threadId } = await started({ messagesPerThreadMinute: 2, messagesPerMinute: 20 });
    const [client, outsider] = [await gateway.signIn('client'), await gateway.signIn('outsider')];
    for (let index = 0; index < 5; index += 1) {
      expect((await outsider.refused('message.post', message(threadId))).code).toBe('not_member');
      expect((await client.refused('message.edit', { threadId, offset: 999, body: 'None.' })).code).toBe('not_found');
    }
    for (const _ of [1, 2]) await post(client, threadId);
    expect((await client.refused('message.post', message(threadId))).code).toBe('rate_limited');
  });

  it('[LI4] a person begins so many conversations a day, less with a new account; in those that there are they go on', async () => {
    const { gateway } = await started({ threadsPerDay: 3, newThreadsPerDay: 1, newMessagesPerMinute: 5, messagesPerMinute: 50 });
    for (const [userId, createdAt] of [
      ['old', 1],
      ['fresh', Date.now() - 86_400_000],
    ] as const) {
      await gateway.host('PUT', `/v1/users/${userId}`, { displayName: userId, createdAt });
      for (const index of [1, 2, 3, 4]) {
        await gateway.host('PUT', `/v1/jobs/${userId}-${index}`, { clientId: userId, title: 'A job' });
        await gateway.host('PUT', `/v1/proposals/${userId}-${index}`, { jobId: `${userId}-${index}`, freelancerId: 'talent' });
      }
    }
    const begin = async (userId: string, index: number) => {
      const payload = { proposalId: `${userId}-${index}`, clientMessageId: randomUUID(), body: 'Hello there!' };
      const socket = await gateway.signIn(userId);
      return (await socket.reply(socket.ask('proposal.message', payload))).error?.code ?? 'begun';
    };
    const attempts = async (userId: string) => [
      await begin(userId, 1),
      await begin(userId, 1),
      await begin(userId, 2),
      await begin(userId, 3),
      await begin(userId, 4),
      await begin(userId, 1),
    ];
    expect(await attempts('old')).toEqual(['begun', 'begun', 'begun', 'begun', 'rate_limited', 'begun']);
    expect(await attempts('fresh')).toEqual(['begun', 'begun', 'rate_limited', 'rate_limited', 'rate_limited', 'begun']);
    // And fewer messages: three are left of five.
    const socket = await gateway.signIn('fresh');
    const { threads } = await socket.request('thread.list', {});
    for (let index = 0; index < 2; index += 1) await post(socket, threads[0]!.threadId);
    expect((await socket.refused('message.post', message(threads[0]!.threadId))).code).toBe('rate_limited');
  });

  it('[LI8] messages that are sent in a row are written in that row, up to the limit', async () => {
    const { gateway, threadId } = await started({
      messagesPerMinute: 30,
      newMessagesPerMinute: 20,
      messagesPerThreadMinute: 1_000,
    });
    await gateway.host('PUT', '/v1/users/client', { displayName: 'Clara Client', createdAt: Date.now() });
    const client = await gateway.signIn('client');
    const ids = Array.from({ length: 25 }, (_, index) => client.ask('message.post', message(threadId, `Number ${index}`)));
    const replies = await Promise.all(ids.map((id) => client.reply(id)));
    expect(replies.map(({ result, error }) => result?.message.body ?? error.code)).toEqual([
      ...Array.from({ length: 20 }, (_, index) => `Number ${index}`),
      ...Array.from({ length: 5 }, () => 'rate_limited'),
    ]);
    const offsets = replies.slice(0, 20).map(({ result }) => result.message.offset);
    expect(offsets).toEqual(offsets.toSorted((one, other) => one - other));
  });

  it('[LI3] the same text to many threads within an hour, however it is disguised, opens one case', async () => {
    const { gateway, waiting } = await started({ sameTextThreads: 3 });
    const threadIds = [];
    for (const index of [1, 2, 3, 4, 5]) {
      const members = [{ userId: 'talent' }, { userId: 'client' }, { userId: 'outsider' }];
      const { body } = await gateway.host('POST', '/v1/threads', { threadKey: `round-${index}`, kind: 'group', members });
      threadIds.push(body.threadId as string);
    }
    const [talent, client] = [await gateway.signIn('talent'), await gateway.signIn('client')];
    const text = 'I offer the best price for everything, just ask me about it today.';
    // Often in one thread, or short, is no round; nor are the texts of several people one.
    for (const _ of [1, 2, 3, 4]) await post(talent, threadIds[0]!, text);
    for (const threadId of threadIds) await post(talent, threadId, 'Thank you!');
    await post(talent, threadIds[1]!, text.toUpperCase());
    for (const threadId of threadIds.slice(0, 2)) await post(client, threadId, text);
    expect(await waiting()).toEqual([]);
    await post(talent, threadIds[2]!, text.replaceAll('e', 'е').replace('best', 'b\u200best').replaceAll(' ', '  '));
    const [opened] = await until('the case', async () => {
      const cases = await waiting();
      return cases.length > 0 && cases;
    });
    expect(opened).toMatchObject({
      kind: 'report',
      subjectId: 'talent',
      openedBy: null,
      threadId: threadIds[2],
      category: 'spam',
    });
    expect(opened.reason).toBe('The same text to 3 threads within an hour.');
    for (const threadId of threadIds.slice(3)) await post(talent, threadId, text);
    await post(client, threadIds[4]!, 'Another text that is long enough to be looked at, once.');
    expect(await waiting()).toHaveLength(1);
  });

  it('[LI6] a person reports so often a day', async () => {
    const { gateway, threadId } = await started({ reportsPerDay: 2 });
    const client = await gateway.signIn('client');
    const report = { threadId, userId: 'talent', category: 'other' } as const;
    for (const _ of [1, 2]) {
      const { caseId } = await client.request('report.open', report);
      await client.request('report.withdraw', { caseId });
    }
    expect((await client.refused('report.open', report)).code).toBe('rate_limited');
  });
});
