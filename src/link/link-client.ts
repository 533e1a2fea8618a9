/**
 * A gateway's link to a media node on another host: connects, proves itself, has the node prove itself, and connects again for as
 * long as it is open. Requests are numbered; those without a reply are asked again under the same number after a break, and
 * `unavailable` when the node stays away.
 */
import { randomBytes } from 'node:crypto';
import type { Logger } from 'pino';
import { WebSocket } from 'ws';
import type { z } from 'zod';
import { ProtocolError } from '../../protocol/index.ts';
import {
  LINK_COMMANDS,
  type LinkCommand,
  type LinkCommandName,
  type LinkListener,
  type LinkReply,
  type MediaLink,
  StalePlacement,
} from '../../signaling/media-link.ts';
import type { Clock } from '../clock.ts';
import {
  type Auth,
  createProofs,
  Hello,
  LINK_VERSION,
  MAX_BUFFERED_BYTES,
  MAX_FRAME_BYTES,
  parse,
  ToGateway,
  type ToNode,
  Welcome,
} from './frames.ts';
import { type Liveness, watchLiveness } from './liveness.ts';

/** A request waits this long for a node that does not answer, and that long for its reply. */
const AWAY_TIMEOUT_MS = 2_000;
const REPLY_TIMEOUT_MS = 15_000;
const CONNECT_TIMEOUT_MS = 2_000;
const RECONNECT_MS = [50, 100, 200, 400];
const MAX_WAITING = 10_000;

interface Waiting {
  readonly name: LinkCommandName;
  readonly command: unknown;
  /** It has left over some connection, so that only this node's memory says whether it was done. */
  sent: boolean;
  resolve(result: unknown): void;
  reject(error: Error): void;
}

const away = (): ProtocolError =>
  new ProtocolError('unavailable', 'The media node cannot be reached; try again in a moment.', { retryAfterMs: 500 });

export const createLinkClient = (options: {
  url: string;
  nodeId: string;
  bootId: string;
  gatewayId: string;
  secret: string;
  listener: LinkListener;
  clock: Clock;
  log: Logger;
}): MediaLink => {
  const { nodeId, bootId, gatewayId, listener, clock, log } = options;
  const proofs = createProofs(options.secret);
  const waiting = new Map<number, Waiting>();
  let socket: WebSocket | undefined;
  let isUp = false;
  let closed = false;
  let lastId = 0;
  let attempt = 0;
  let cancelReconnect = (): void => {};

  const transmit = (to: WebSocket, id: number, { name, command }: Waiting): void => {
    const done = (waiting.keys().next().value ?? id) - 1;
    to.send(JSON.stringify({ t: 'request', id, done, name, command } satisfies ToNode));
  };
  const settle = (id: number, act: (request: Waiting) => void): void => {
    const request = waiting.get(id);
    waiting.delete(id);
    if (request !== undefined) act(request);
  };

  const onFrame = (frame: Exclude<ToGateway, { t: 'event' | 'beat' }>): void =>
    settle(frame.id, ({ name, resolve, reject }) => {
      if (frame.t === 'stale') return reject(new StalePlacement());
      if (frame.t === 'error') return reject(ProtocolError.fromWire(frame.error));
      const reply = (LINK_COMMANDS[name].reply as z.ZodType).safeParse(frame.result);
      if (reply.success) return resolve(reply.data);
      log.error({ err: reply.error, name, nodeId }, 'a media node sent a reply that does not fit');
      reject(new ProtocolError('internal', 'The media node answered what cannot be read.'));
    });

  const connect = (): void => {
    const mine = new WebSocket(new URL('/link', options.url), {
      handshakeTimeout: CONNECT_TIMEOUT_MS,
      maxPayload: MAX_FRAME_BYTES * 8,
      perMessageDeflate: false,
    });
    socket = mine;
    let liveness: Liveness | undefined;
    let stage: 'hello' | 'welcome' | 'open' = 'hello';
    let hello: Hello | undefined;
    const challenge = randomBytes(24).toString('base64url');
    let events = 0;

    const fail = (why: string): void => {
      log.warn({ nodeId, url: options.url }, why);
      mine.terminate();
    };
    const cancelDeadline = clock.after(CONNECT_TIMEOUT_MS, () => mine.terminate());

    const open = (resumed: boolean): void => {
      cancelDeadline();
      stage = 'open';
      attempt = 0;
      liveness = watchLiveness(mine, clock, () => fail('a media node was silent for too long'));
      for (const [id, request] of [...waiting]) {
        // The node forgot whether it did this; whoever asked knows whether to ask again.
        if (request.sent && !resumed) settle(id, ({ reject }) => reject(away()));
        else {
          request.sent = true;
          transmit(mine, id, request);
        }
      }
      isUp = true;
      listener.onState(true);
    };

    mine.on('message', (data) => {
      liveness?.heard();
      if (stage === 'hello') {
        hello = parse(Hello, data);
        if (hello?.v !== LINK_VERSION || hello.nodeId !== nodeId || hello.bootId !== bootId)
          return fail('another media node than expected answers');
        const auth = { gatewayId, challenge };
        const proof = proofs.make('gateway', hello, auth);
        mine.send(JSON.stringify({ t: 'auth', v: LINK_VERSION, ...auth, proof } satisfies Auth));
        stage = 'welcome';
        return;
      }
      if (stage === 'welcome') {
        const welcome = parse(Welcome, data);
        if (welcome === undefined || hello === undefined || !proofs.check('node', hello, { gatewayId, challenge }, welcome.proof))
          return fail('a media node does not know the secret of the cluster');
        return open(welcome.resumed);
      }
      const frame = parse(ToGateway, data);
      if (frame === undefined) return fail('a media node sent what is no frame');
      if (frame.t === 'beat') return;
      if (frame.t !== 'event') return onFrame(frame);
      events += 1;
      if (frame.n !== events) return fail('an event of a media node is missing');
      listener.onEvent(frame.event);
    });
    mine.on('error', (error) => log.debug({ err: error, nodeId }, 'the link to a media node failed'));
    mine.once('close', () => {
      cancelDeadline();
      liveness?.stop();
      if (socket !== mine) return;
      socket = undefined;
      const wasUp = isUp;
      isUp = false;
      if (closed) return;
      if (wasUp) clock.after(AWAY_TIMEOUT_MS, () => !isUp && giveUp());
      const delayMs = RECONNECT_MS[Math.min(attempt, RECONNECT_MS.length - 1)] ?? 0;
      attempt += 1;
      cancelReconnect = clock.after(delayMs, connect);
      if (wasUp) listener.onState(false);
    });
  };

  const giveUp = (): void => {
    for (const id of [...waiting.keys()]) settle(id, ({ reject }) => reject(away()));
  };
  connect();

  return {
    request<Name extends LinkCommandName>(name: Name, command: LinkCommand<Name>) {
      return new Promise<LinkReply<Name>>((resolve, reject) => {
        const to = isUp ? socket : undefined;
        const isFull = waiting.size >= MAX_WAITING || (to?.bufferedAmount ?? 0) > MAX_BUFFERED_BYTES;
        if (closed || isFull) return reject(away());
        lastId += 1;
        const id = lastId;
        const cancel = clock.after(to === undefined ? AWAY_TIMEOUT_MS : REPLY_TIMEOUT_MS, () =>
          settle(id, (overdue) => overdue.reject(away())),
        );
        const request: Waiting = {
          name,
          command,
          sent: to !== undefined,
          resolve(result) {
            cancel();
            resolve(result as LinkReply<Name>);
          },
          reject(error) {
            cancel();
            reject(error);
          },
        };
        waiting.set(id, request);
        if (to !== undefined) transmit(to, id, request);
      });
    },
    isUp: () => isUp,
    close() {
      closed = true;
      isUp = false;
      cancelReconnect();
      giveUp();
      socket?.terminate();
    },
  };
};
