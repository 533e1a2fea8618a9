/**
 * For the SDK's tests: a double of the server's wire over real WebSockets. It answers from a world, and can be told
 * to answer otherwise, to lose, repeat or hold back pushes, to fall silent and to break sockets.
 */
import { randomUUID } from 'node:crypto';
import type { AddressInfo } from 'node:net';
import { type WebSocket, WebSocketServer } from 'ws';
import {
  CLOSE_CODES,
  type CloseReason,
  encodeCloseReason,
  type InboxEntry,
  type Payload,
  type PayloadInput,
  ProtocolError,
  type Push,
  REQUESTS,
  type RequestType,
  type Result,
} from '../protocol/index.ts';
import type { World } from './test-world.ts';

type Answer<Type extends RequestType> = (payload: Payload<Type>) => Result<Type> | Promise<Result<Type>>;
type Answers = { [Type in RequestType]?: Answer<Type> };

/** What becomes of a durable push: how many times it leaves, 0 for never. */
export type Fate = (entry: InboxEntry) => number;

export interface TestServer {
  readonly url: string;
  /** Answers requests of a type this way from now on; undefined for the way it was. */
  answer<Type extends RequestType>(type: Type, answer: Answer<Type> | undefined): void;
  /** Payloads received of a type, oldest first. */
  received<Type extends RequestType>(type: Type): PayloadInput<Type>[];
  push(push: Push): void;
  /** Says what becomes of durable pushes from now on. */
  setFate(fate: Fate): void;
  /** Sends nothing any more, not even replies, on the sockets there are. */
  fallSilent(): void;
  /** Breaks every socket as a network does. */
  cut(): void;
  /** Closes every socket as the server does. */
  dismiss(reason: CloseReason): void;
  /** Sockets with an open session. */
  sessions(): number;
  /** Sockets accepted so far. */
  connections(): number;
  close(): Promise<void>;
}

export const startTestServer = async (
  world: World,
  { heartbeatMs = 20_000, tokenTtlMs = null as number | null, now = Date.now } = {},
): Promise<TestServer> => {
  const server = new WebSocketServer({ port: 0, host: '127.0.0.1' });
  await new Promise((resolve) => server.once('listening', resolve));
  const overrides: Answers = {};
  const received: { type: RequestType; payload: unknown }[] = [];
  const open = new Set<WebSocket>();
  const silent = new WeakSet<WebSocket>();
  const sessionIds = new Set<string>();
  let fate: Fate = () => 1;
  let connections = 0;

  const send = (socket: WebSocket, frame: object): void => {
    if (socket.readyState === socket.OPEN && !silent.has(socket)) socket.send(JSON.stringify(frame));
  };

  const tokenExpiresAt = (): number | null => (tokenTtlMs === null ? null : now() + tokenTtlMs);

  const answers: Answers = {
    'session.open': ({ resume, inbox }) => {
      const resumed = resume !== undefined && sessionIds.has(resume.sessionId);
      const sessionId = resumed ? resume.sessionId : randomUUID();
      sessionIds.add(sessionId);
      return {
        sessionId,
        resumeToken: `resume-${sessionId}`,
        resumed,
        user: world.user(world.me),
        serverTime: now(),
        heartbeatMs,
        sessionGraceMs: 30_000,
        tokenExpiresAt: tokenExpiresAt(),
        inbox: world.since(inbox),
      };
    },
    'session.refresh': () => ({ tokenExpiresAt: tokenExpiresAt() }),
    'session.close': () => ({}),
    'session.watch': ({ userIds }) => ({
      presence: userIds.map((userId) => ({ userId, online: true, lastSeenAt: null })),
    }),
    'inbox.since': (from) => world.since(from),
    'thread.list': ({ before, limit, marked }) => world.page(before, limit, marked),
    'thread.mark': ({ threadId, ...marks }) => ({ marks: world.mark(threadId, marks) }),
    'thread.get': ({ threadId }) => world.thread(threadId),
    'thread.history': ({ threadId, before, limit }) => world.history(threadId, { before, limit }),
    'message.post': ({ threadId, clientMessageId, body }) => world.post(threadId, world.me, body, clientMessageId),
    'message.edit': ({ threadId, offset, body }) => ({ message: world.edit(threadId, offset, body) }),
    'message.delete': ({ threadId, offset }) => ({ message: world.remove(threadId, offset) }),
    'cursor.move': ({ threadId, readOffset }) => world.moveCursor(threadId, world.me, readOffset),
    'typing.set': () => ({}),
  };

  const reply = async (type: RequestType, given: unknown): Promise<unknown> => {
    const payload = REQUESTS[type].payload.parse(given);
    const answer = (overrides[type] ?? answers[type]) as ((payload: unknown) => unknown) | undefined;
    if (answer === undefined) throw new ProtocolError('unknown_type', `Nothing answers ${type}.`);
    return await answer(payload);
  };

  const receive = async (socket: WebSocket, text: string): Promise<void> => {
    const { id, type, payload } = JSON.parse(text) as { id: number; type: RequestType; payload: unknown };
    received.push({ type, payload });
    // The inbox is heard from before the recovery is read, as on the real server.
    if (type === 'session.open') open.add(socket);
    try {
      send(socket, { id, result: await reply(type, payload) });
    } catch (error) {
      const known = error instanceof ProtocolError ? error : new ProtocolError('internal', String(error));
      if (type === 'session.open') open.delete(socket);
      send(socket, { id, error: known.toWire() });
    }
  };

  server.on('connection', (socket) => {
    connections += 1;
    socket.on('message', (data) => void receive(socket, String(data)));
    socket.on('close', () => open.delete(socket));
    socket.on('error', () => {});
  });

  const stopHearing = world.onEntry((entry) => {
    for (let copies = fate(entry); copies > 0; copies -= 1) {
      for (const socket of open) send(socket, { position: entry.position, push: 'inbox', event: entry.event });
    }
  });

  return {
    url: `ws://127.0.0.1:${(server.address() as AddressInfo).port}/v1/socket`,
    answer(type, answer) {
      if (answer === undefined) delete overrides[type];
      else Object.assign(overrides, { [type]: answer });
    },
    received: (type) => received.filter((request) => request.type === type).map(({ payload }) => payload) as never,
    push(push) {
      for (const socket of open) send(socket, push);
    },
    setFate(next) {
      fate = next;
    },
    fallSilent() {
      for (const socket of open) silent.add(socket);
    },
    cut() {
      for (const socket of server.clients) socket.terminate();
    },
    dismiss(reason) {
      for (const socket of server.clients) socket.close(CLOSE_CODES[reason.name], encodeCloseReason(reason));
    },
    sessions: () => open.size,
    connections: () => connections,
    async close() {
      stopHearing();
      for (const socket of server.clients) socket.terminate();
      await new Promise((resolve) => server.close(resolve));
    },
  };
};
