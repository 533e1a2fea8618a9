/**
 * A witness: follows one user's inbox over a socket of its own, without the SDK, with its own cursor and its own way of
 * finding what it missed. What it testifies is what the server said.
 */
import WebSocket from 'ws';
import type { InboxRecovery, Push, ThreadEvent, ThreadId, UserId } from '../../protocol/index.ts';
import type { Recorder } from './history.ts';

export interface Witness {
  readonly userId: UserId;
  position(): number;
  close(): void;
}

const RETRY_MS = 200;
const SILENCE_MS = 3_000;
const REQUEST_MS = 5_000;

export const startWitness = (options: {
  userId: UserId;
  /** Where its next socket comes in. */
  url: () => string;
  token: () => string;
  recorder: Recorder;
}): Witness => {
  const { userId, recorder } = options;
  let stand: { epoch: string; position: number } | undefined;
  let closed = false;
  let drop = (): void => {};

  const follow = (): void => {
    if (closed) return;
    const socket = new WebSocket(options.url(), { perMessageDeflate: false });
    const waiting = new Map<number, (reply: any) => void>();
    const early: { position: number; event: any }[] = [];
    let nextId = 1;
    let recovering = true;
    let gone = false;
    let heardAt = Date.now();
    const silence = setInterval(() => {
      if (Date.now() - heardAt > SILENCE_MS) socket.terminate();
    }, 500);
    drop = () => socket.terminate();

    const request = (type: string, payload: unknown): Promise<any> =>
      new Promise((resolve, reject) => {
        const id = nextId++;
        const timer = setTimeout(() => {
          socket.terminate();
          reject(new Error(`no answer to ${type}`));
        }, REQUEST_MS);
        waiting.set(id, (reply) => {
          clearTimeout(timer);
          if (reply?.result !== undefined) resolve(reply.result);
          else reject(new Error(reply?.error?.code ?? 'the socket closed'));
        });
        if (socket.readyState === WebSocket.OPEN) socket.send(JSON.stringify({ id, type, payload }));
        else waiting.get(id)?.(undefined);
      });

    /** The summary and all the history of a thread. */
    const fetchThread = async (threadId: ThreadId): Promise<void> => {
      const askedSeq = recorder.now();
      try {
        const { thread } = await request('thread.get', { threadId });
        const events: ThreadEvent[] = [];
        for (let more = true; more; ) {
          const page = await request('thread.history', { threadId, after: events.at(-1)?.offset ?? 0, limit: 100 });
          events.push(...page.events);
          more = page.more;
        }
        if (stand !== undefined) recorder.tell(userId, stand.epoch, { is: 'fetched', thread, events, askedSeq });
      } catch (error) {
        // Not ours any more, or the line broke: then all of it is asked for again.
        if ((error as Error).message === 'not_member') return;
        setTimeout(() => {
          if (gone) unfetched.add(threadId);
          else void fetchThread(threadId);
        }, RETRY_MS);
      }
    };

    const apply = (position: number, event: any, how: 'push' | 'replay', askedSeq: number): void => {
      if (stand === undefined) return;
      recorder.tell(userId, stand.epoch, { is: 'entry', position, event, how, askedSeq });
      stand.position = position;
      if (event.type === 'member.joined' && event.member.userId === userId) void fetchThread(event.threadId);
    };

    const take = (recovery: InboxRecovery, askedSeq: number): void => {
      const { epoch, position } = recovery;
      if (recovery.recovered) {
        stand ??= { epoch, position: 0 };
        stand.epoch = epoch;
        for (const entry of recovery.entries) apply(entry.position, entry.event, 'replay', askedSeq);
        recorder.tell(userId, epoch, { is: 'stands', position });
        stand.position = position;
      } else {
        stand = { epoch, position };
        unfetched.clear();
        recorder.tell(userId, epoch, { is: 'snapshot', position, threads: recovery.snapshot.threads, askedSeq });
        for (const { threadId } of recovery.snapshot.threads) void fetchThread(threadId);
      }
      recovering = false;
      for (const { position: at, event } of early.splice(0).sort((a, b) => a.position - b.position)) push(at, event);
    };

    const catchUp = async (): Promise<void> => {
      recovering = true;
      const askedSeq = recorder.now();
      try {
        take(await request('inbox.since', { ...stand }), askedSeq);
      } catch {
        socket.terminate();
      }
    };

    const push = (position: number, event: unknown): void => {
      if (recovering || stand === undefined) early.push({ position, event });
      else if (position === stand.position + 1) apply(position, event, 'push', recorder.now());
      else if (position > stand.position) {
        early.push({ position, event });
        void catchUp();
      }
    };

    socket.on('open', async () => {
      const askedSeq = recorder.now();
      try {
        const inbox = stand === undefined ? {} : { inbox: { ...stand } };
        const opened = await request('session.open', { protocol: 1, token: options.token(), ...inbox });
        take(opened.inbox, askedSeq);
        for (const threadId of [...unfetched]) {
          unfetched.delete(threadId);
          void fetchThread(threadId);
        }
      } catch {
        socket.terminate();
      }
    });
    socket.on('message', (data) => {
      heardAt = Date.now();
      const frame = JSON.parse(data.toString()) as Push | { id: number };
      if ('id' in frame) {
        const answer = waiting.get(frame.id);
        waiting.delete(frame.id);
        answer?.(frame);
      } else if (frame.push === 'inbox') push(frame.position, frame.event);
      else if (frame.push === 'heartbeat' && !recovering && stand !== undefined && frame.head > stand.position) void catchUp();
    });
    socket.on('error', () => {});
    socket.on('close', () => {
      gone = true;
      clearInterval(silence);
      for (const answer of waiting.values()) answer(undefined);
      if (!closed) setTimeout(follow, RETRY_MS);
    });
  };

  const unfetched = new Set<ThreadId>();
  follow();
  return {
    userId,
    position: () => stand?.position ?? -1,
    close() {
      closed = true;
      drop();
    },
  };
};
