/** A device of a person: the real SDK over a line of its own, every call and everything shown recorded. */
import { createClient, systemClock } from '../../client/index.ts';
import type { Client } from '../../client/types.ts';
import { type PayloadInput, ProtocolError, type RequestType, type ThreadEvent, type ThreadId } from '../../protocol/index.ts';
import { mintToken } from '../../src/identity/tokens.ts';
import { JWT_SECRET } from '../support/gateway.ts';
import { startTcpProxy, type TcpProxy } from '../support/tcp-proxy.ts';
import type { Asked, DeviceEnd, Recorder } from './history.ts';

export interface Device {
  readonly name: string;
  readonly userId: string;
  readonly line: TcpProxy;
  readonly client: Client;
  /** How far this device's clock is off, in ms. */
  skewMs: number;
  isSignedIn(): boolean;
  signIn(): void;
  signOut(): Promise<void>;
  openThread(threadId: ThreadId): void;
  closeThread(threadId: ThreadId): void;
  post(threadId: ThreadId, body: string): void;
  /** A request, recorded; what is refused is part of the game. */
  ask<Type extends RequestType>(type: Type, payload: PayloadInput<Type>): Promise<void>;
  /** Loads what is open to its beginning and says how the device stands. */
  end(): Promise<DeviceEnd>;
  close(): Promise<void>;
}

/** `online`, or what else with all that is known of it. */
const statusOf = (client: Client): string => {
  const { status, ...more } = client.connection.get();
  return status === 'online' ? status : `${status} ${JSON.stringify(more)} at ${Date.now()}`;
};

/** Answers that leave open whether the request was carried out. */
const UNCERTAIN = new Set(['unavailable', 'internal']);

export const startDevice = async (options: {
  name: string;
  userId: string;
  /** The front of the gateway that its next socket comes in by. */
  port: () => number;
  recorder: Recorder;
}): Promise<Device> => {
  const { name, userId, recorder } = options;
  const line = await startTcpProxy(options.port);
  const client = createClient(
    { url: `ws://127.0.0.1:${line.port}/v1/socket`, token: () => mintToken(JWT_SECRET, userId, { ttlSeconds: 86_400 }) },
    { clock: { now: () => Date.now() + device.skewMs, after: systemClock.after } },
  );
  const opened = new Map<ThreadId, () => void>();
  const watched = new Set<ThreadId>();
  const posts = new Map<ThreadId, Map<string, Asked<'message.post'>>>();
  const heads = new Map<ThreadId, number>();
  const seen = new Map<ThreadId, Set<string>>();
  let signedIn = false;
  let leaving = false;

  const eventsOf = (threadId: ThreadId): ThreadEvent[] =>
    client
      .thread(threadId)
      .view.get()
      .items.flatMap((item) => (item.kind === 'event' ? [item.event] : []));

  /** What became of the posts of a thread. */
  const settlePosts = (threadId: ThreadId): void => {
    const waiting = posts.get(threadId);
    if (waiting === undefined || waiting.size === 0) return;
    const { items } = client.thread(threadId).view.get();
    for (const [clientMessageId, asked] of waiting) {
      const item = items.find(({ key }) => key === `m:${userId}:${clientMessageId}`);
      if (item?.kind === 'pending' && item.message.state !== 'failed') continue;
      waiting.delete(clientMessageId);
      // Taken out of the thread after a post whose answer was lost: the refusal is of the second attempt.
      if (item?.kind === 'pending' && item.message.error?.code === 'not_member') asked.unknown();
      else if (item?.kind === 'pending') asked.failed(item.message.error?.code ?? 'internal');
      else if (item?.event.type === 'message.posted') asked.acknowledged({ message: { ...item.event.message }, replayed: false });
      else asked.acknowledged();
    }
  };

  const show = (threadId: ThreadId): void => {
    settlePosts(threadId);
    if (!signedIn) return;
    const { summary, items } = client.thread(threadId).view.get();
    const events = eventsOf(threadId);
    const shown = seen.get(threadId) ?? new Set();
    seen.set(threadId, shown);
    const messages = events
      .flatMap((event) => (event.type === 'message.posted' ? [event.message] : []))
      .filter(({ offset }) => !shown.has(String(offset)))
      .map(({ offset, senderId, clientMessageId }) => ({ offset, senderId, clientMessageId }));
    for (const { offset } of messages) shown.add(String(offset));
    const keys = new Set<string>();
    const twice = items.filter(({ key }) => keys.size === keys.add(key).size).map(({ key }) => key);
    const back = events
      .filter(({ offset }, index) => index > 0 && offset <= (events[index - 1]?.offset ?? 0))
      .map(({ offset }) => String(offset));
    const head = summary?.head ?? 0;
    if (messages.length === 0 && twice.length + back.length === 0 && head === heads.get(threadId)) return;
    heads.set(threadId, head);
    recorder.show({ device: name, userId, threadId, head, messages, disorder: [...twice, ...back] });
  };

  const watch = (threadId: ThreadId): void => {
    if (watched.has(threadId)) return;
    watched.add(threadId);
    client.thread(threadId).view.subscribe(() => show(threadId));
  };

  const device: Device = {
    name,
    userId,
    line,
    client,
    skewMs: 0,
    isSignedIn: () => signedIn,
    signIn() {
      // Signing out takes its time; one signs in when it is done.
      if (leaving) return;
      signedIn = true;
      client.connect();
    },
    async signOut() {
      for (const waiting of posts.values()) {
        for (const asked of waiting.values()) asked.unknown();
        waiting.clear();
      }
      signedIn = false;
      leaving = true;
      for (const release of opened.values()) release();
      opened.clear();
      await client.close();
      watched.clear();
      heads.clear();
      seen.clear();
      leaving = false;
    },
    openThread(threadId) {
      if (opened.has(threadId) || !signedIn) return;
      watch(threadId);
      opened.set(threadId, client.thread(threadId).open());
    },
    closeThread(threadId) {
      opened.get(threadId)?.();
      opened.delete(threadId);
    },
    post(threadId, body) {
      watch(threadId);
      const clientMessageId = client.thread(threadId).post(body);
      const asked = recorder.ask(name, userId, 'message.post', { threadId, clientMessageId, body });
      const waiting = posts.get(threadId) ?? new Map();
      posts.set(threadId, waiting.set(clientMessageId, asked));
      settlePosts(threadId);
    },
    async ask(type, payload) {
      const asked = recorder.ask(name, userId, type, payload);
      try {
        asked.acknowledged(await client.request(type, payload));
      } catch (error) {
        if (!(error instanceof ProtocolError)) throw error;
        if (UNCERTAIN.has(error.code)) asked.unknown();
        else asked.failed(error.code);
      }
    },
    async end() {
      for (const threadId of opened.keys()) {
        const thread = client.thread(threadId);
        for (let page = 0; page < 100 && thread.view.get().hasOlder; page++) await thread.loadOlder().catch(() => {});
      }
      const pending = [...watched].flatMap((threadId) =>
        client
          .thread(threadId)
          .view.get()
          .items.flatMap((item) => (item.kind === 'pending' ? [{ threadId, ...item.message }] : [])),
      );
      return {
        device: name,
        userId,
        status: `${statusOf(client)}${signedIn ? '' : ` signed out${leaving ? ', leaving' : ''}`}`,
        threads: client.inbox.get().threads,
        timelines: new Map([...opened.keys()].map((threadId) => [threadId, eventsOf(threadId)])),
        pending,
      };
    },
    async close() {
      await line.close();
      await client.close();
    },
  };
  return device;
};
