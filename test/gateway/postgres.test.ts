/** A gateway whose store is PostgreSQL. */
import { randomUUID } from 'node:crypto';
import { expect, it, onTestFinished } from 'vitest';
import { startPostgres } from '../support/engines/postgres.ts';
import { openThread, startGateway } from '../support/gateway.ts';
import { until } from '../support/until.ts';

it('[ST92][OP1] a lost PostgreSQL is named by readiness while the process lives; posts are unavailable, and work when it is back', async () => {
  const server = await startPostgres();
  onTestFinished(() => server.dispose());
  const gateway = await startGateway({ 'store.databaseUrl': await server.createDatabase(), 'store.connectTimeoutMs': 300 });
  onTestFinished(() => gateway.close());
  const threadId = await openThread(gateway);
  const socket = await gateway.signIn('client');
  expect((await gateway.get('/readyz')).status).toBe(200);

  await server.stop('SIGQUIT');
  const post = { threadId, clientMessageId: randomUUID(), body: 'Is anybody there?' };
  expect(await socket.refused('message.post', post)).toMatchObject({ code: 'unavailable', retryable: true });
  await until('readiness to name the store', async () => (await gateway.get('/readyz')).status === 503);
  expect(await (await gateway.get('/readyz')).json()).toEqual({ status: 'not ready', waitingFor: ['store'] });
  expect((await gateway.get('/healthz')).status).toBe(200);

  await server.start();
  await until('readiness', async () => (await gateway.get('/readyz')).status === 200);
  const { message } = await socket.request('message.post', post);
  expect(message).toMatchObject({ offset: 3, body: 'Is anybody there?' });
});

it('[TH5] text that PostgreSQL cannot hold is answered `invalid`, in a body and in a thread id', async () => {
  const gateway = await startGateway();
  onTestFinished(() => gateway.close());
  const threadId = await openThread(gateway);
  const socket = await gateway.signIn('client');
  const clientMessageId = randomUUID();
  for (const payload of [
    { threadId, body: 'a\u0000b' },
    { threadId: `${threadId}\u0000`, body: 'ab' },
  ]) {
    expect(await socket.refused('message.post', { clientMessageId, ...payload })).toMatchObject({ code: 'invalid' });
  }
});
