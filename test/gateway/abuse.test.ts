import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { CLOSE_CODES, mayReconnect } from '../../protocol/index.ts';
import { mintToken } from '../../src/identity/tokens.ts';
import { API_KEY, JWT_SECRET, openThread, startGateway } from '../support/gateway.ts';
import { RawSocket } from '../support/raw-socket.ts';
import { type ServerProcess, startServer } from '../support/server-process.ts';
import { until } from '../support/until.ts';

describe('slow consumers', () => {
  it('[SE18] a socket that does not read is closed with a code that says reconnect, and misses nothing', async () => {
    const gateway = await startGateway({
      'socket.maxBackpressureBytes': 65_536,
      'session.requestBurst': 50_000,
      'session.requestsPerSecond': 50_000,
      'store.replayLimit': 10_000,
    });
    try {
      const threadId = await openThread(gateway);
      const [client, talent] = [await gateway.signIn('client'), await gateway.connect()];
      const { inbox } = await talent.request('session.open', { protocol: 1, token: gateway.token('talent') });
      talent.ws.pause();
      let posted = 0;
      const body = 'x'.repeat(3_000);
      // The kernel takes some megabytes before the server's own buffer fills.
      await until(
        'the slow consumer to be closed',
        async () => {
          const batch = Array.from({ length: 50 }, () =>
            client.request('message.post', { threadId, clientMessageId: `slow-${posted++}-message`, body }),
          );
          await Promise.all(batch);
          const metrics = await (await gateway.get('/metrics')).text();
          return /parley_slow_consumers_total [1-9]/.test(metrics);
        },
        30_000,
      );
      talent.ws.resume();
      expect((await talent.whenClosed()).code).toBe(CLOSE_CODES.slow_consumer);
      const heard = talent.pushes('inbox').length;
      expect(heard).toBeLessThan(posted);
      const back = await gateway.connect();
      const from = { epoch: inbox.epoch, position: inbox.position + heard };
      const { inbox: recovery } = await back.request('session.open', {
        protocol: 1,
        token: gateway.token('talent'),
        inbox: from,
      });
      expect(recovery.recovered && recovery.entries.length).toBe(posted - heard);
    } finally {
      await gateway.close();
    }
  });
});

/** A WebSocket handshake and then silence, as cheap for us as for an attacker. */
const openSilently = (port: number): Promise<Socket> =>
  new Promise((resolve, reject) => {
    const socket = connect(port, '127.0.0.1', () => {
      socket.write(
        `GET /v1/socket HTTP/1.1\r\nHost: localhost\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n`,
      );
    });
    socket.once('data', () => resolve(socket));
    socket.once('error', reject);
  });

const residentKb = async (server: ServerProcess): Promise<number> => {
  const metrics = await (await fetch(`http://127.0.0.1:${server.port}/metrics`)).text();
  return Number(/^process_resident_memory_bytes (\S+)$/m.exec(metrics)?.[1]) / 1024;
};

describe('sockets that never authenticate', () => {
  let server: ServerProcess;
  beforeAll(async () => {
    server = await startServer({ PARLEY_AUTH_TIMEOUT_MS: '8000' });
  });
  afterAll(() => server.dispose());

  it('[SE19] 5,000 of them cost little, keep nobody out, and are all closed in time', async () => {
    await fetch(`http://127.0.0.1:${server.port}/v1/users/client`, {
      method: 'PUT',
      headers: { Authorization: `Bearer ${API_KEY}` },
      body: JSON.stringify({ displayName: 'Clara' }),
    });
    const before = await residentKb(server);
    const silent: Socket[] = [];
    let closed = 0;
    for (let batch = 0; batch < 50; batch++) {
      const opened = await Promise.all(Array.from({ length: 100 }, () => openSilently(server.port)));
      for (const socket of opened) {
        socket.once('close', () => closed++);
        socket.on('error', () => {});
        socket.resume();
        silent.push(socket);
      }
    }
    const perSocketKb = ((await residentKb(server)) - before) / silent.length;
    const socket = await RawSocket.connect(server.socketUrl);
    const { user } = await socket.request('session.open', {
      protocol: 1,
      token: mintToken(JWT_SECRET, 'client', { ttlSeconds: 60 }),
    });
    expect(user.userId).toBe('client');
    expect(closed).toBe(0);
    console.info(`${perSocketKb.toFixed(1)} KiB a silent socket`);
    expect(perSocketKb).toBeLessThan(20);
    await until('all of them to be closed', () => closed === 5_000, 20_000);
    await socket.request('thread.list', {});
    socket.terminate();
  });
});

/** A WebSocket frame that is announced with so many bytes, of which so many come. */
const frameOf = (announced: number, sent: number): Buffer => {
  const header = Buffer.alloc(14);
  // Final, text; masked with zeros, length in eight bytes.
  header.set([0x81, 0xff]);
  header.writeBigUInt64BE(BigInt(announced), 2);
  return Buffer.concat([header, Buffer.alloc(sent, 'x')]);
};

describe('large frames before authentication', () => {
  const TIMEOUT_MS = 4_000;
  const SOCKETS = 100;
  const MOST_BYTES = (1024 + 64) * 1024;
  let server: ServerProcess;
  beforeAll(async () => {
    server = await startServer({ PARLEY_AUTH_TIMEOUT_MS: String(TIMEOUT_MS) });
  });
  afterAll(() => server.dispose());

  it('[SE29] a frame above 16 KiB closes the socket with a code that says reconnect', async () => {
    for (const bytes of [16 * 1024 + 1, 1024 * 1024]) {
      const socket = await RawSocket.connect(server.socketUrl);
      socket.send(JSON.stringify({ id: 1, type: 'session.open', payload: { protocol: 1, token: 'x'.repeat(bytes) } }));
      const { code } = await socket.whenClosed();
      expect(code).toBe(CLOSE_CODES.flooding);
      expect(mayReconnect(code)).toBe(true);
      expect(socket.frames[0]?.error.code).toBe('too_large');
    }
  });

  it('[SE29] a frame that is announced as larger than the transport takes ends its socket at once', async () => {
    const socket = await openSilently(server.port);
    const closed = once(socket, 'close');
    const sentAt = performance.now();
    socket.resume();
    socket.write(frameOf(MOST_BYTES + 1, 16));
    await closed;
    expect(performance.now() - sentAt).toBeLessThan(TIMEOUT_MS / 2);
  });

  it('[SE29] unfinished frames hold no more than their bytes, keep nobody out, and end with the time to authenticate', async () => {
    await fetch(`http://127.0.0.1:${server.port}/v1/users/client`, {
      method: 'PUT',
      headers: { Authorization: `Bearer ${API_KEY}` },
      body: JSON.stringify({ displayName: 'Clara' }),
    });
    const growths: number[] = [];
    const before = await residentKb(server);
    for (let round = 0; round < 3; round++) {
      const sockets = await Promise.all(Array.from({ length: SOCKETS }, () => openSilently(server.port)));
      let closed = 0;
      for (const socket of sockets) {
        socket.once('close', () => closed++);
        socket.on('error', () => {});
        socket.resume();
        socket.write(frameOf(MOST_BYTES, MOST_BYTES - 1));
      }
      await until('all of it to be sent', () => sockets.every(({ writableLength }) => writableLength === 0));
      const held = (await residentKb(server)) - before;
      growths.push(held / SOCKETS);
      const someone = await RawSocket.connect(server.socketUrl);
      const token = mintToken(JWT_SECRET, 'client', { ttlSeconds: 60 });
      expect((await someone.request('session.open', { protocol: 1, token })).user.userId).toBe('client');
      someone.terminate();
      await until('all of them to be closed', () => closed === SOCKETS, 2 * TIMEOUT_MS);
    }
    console.info(`${growths.map((each) => each.toFixed(0)).join(', ')} KiB held by each unfinished frame, round by round`);
    // The frame, and some for the socket. What was let go in a round serves the next.
    for (const growth of growths) expect(growth).toBeLessThan((1.5 * MOST_BYTES) / 1024);
  });

  it('[SE30] many that send ever more and never authenticate are closed before they hold it all, with a code that says reconnect', async () => {
    const patient = await startServer({
      PARLEY_AUTH_TIMEOUT_MS: '60000',
      PARLEY_MAX_UNAUTHENTICATED_BYTES: String(48 * 1024 * 1024),
    });
    try {
      const before = await residentKb(patient);
      const sockets = await Promise.all(Array.from({ length: 3 * SOCKETS }, () => openSilently(patient.port)));
      const said = sockets.map(() => [] as Buffer[]);
      let open = sockets.length;
      for (const [index, socket] of sockets.entries()) {
        socket.on('data', (chunk: Buffer) => said[index]?.push(chunk));
        socket.once('close', () => open--);
        socket.on('error', () => {});
        socket.write(frameOf(MOST_BYTES, 0));
      }
      const part = Buffer.alloc(32 * 1024, 'x');
      let most = 0;
      // Thirty parts are most of a frame; each is sent when the last one has gone.
      for (let sent = 0; sent < 30 && open > 0; sent++) {
        for (const socket of sockets) if (socket.writable) socket.write(part);
        await new Promise((resolve) => setTimeout(resolve, 200));
        most = Math.max(most, (await residentKb(patient)) - before);
      }
      await until('all of them to be closed', () => open === 0, 20_000);
      console.info(`${(most / 1024).toFixed(0)} MiB held at most, of ${((sockets.length * MOST_BYTES) / 1024 ** 2).toFixed(0)}`);
      expect(most).toBeLessThan((sockets.length * MOST_BYTES) / 1024 / 2);
      const closing = Buffer.from([CLOSE_CODES.flooding >> 8, CLOSE_CODES.flooding & 0xff]);
      const told = said.filter((chunks) => Buffer.concat(chunks).includes(closing)).length;
      expect(told).toBe(sockets.length);
    } finally {
      await patient.dispose();
    }
  });
});
