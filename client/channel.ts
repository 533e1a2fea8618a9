/**
 * A channel: what goes over one socket. Requests get ids, and each its reply, an error or a time-out; pushes are
 * handed on. Lives and dies with its socket, and notices when that is dead without saying so.
 */
import {
  type CloseReason,
  decodeCloseReason,
  ERRORS,
  MAX_FRAME_BYTES,
  mayReconnect,
  type PayloadInput,
  ProtocolError,
  type Push,
  type ReplyFrame,
  type RequestType,
  type Result,
  type WireError,
} from '../protocol/index.ts';
import type { Clock } from './clock.ts';
import { disconnected } from './errors.ts';

export interface Channel {
  request<Type extends RequestType>(type: Type, payload: PayloadInput<Type>): Promise<Result<Type>>;
  /** From now on the server says something at least this often; after twice as long without a frame the socket is dead. */
  expectHeartbeats(everyMs: number): void;
  /** Lets go of the socket; nothing is heard of it any more and what waits for a reply is rejected. */
  close(): void;
}

/** Why a socket is gone. */
export interface Loss {
  readonly mayReconnect: boolean;
  readonly reason?: CloseReason;
}

export interface ChannelOptions {
  readonly url: string;
  readonly WebSocket: new (url: string) => WebSocket;
  readonly clock: Clock;
  onOpen(): void;
  onPush(push: Push): void;
  /** Called once, unless `close` was called before. */
  onLost(loss: Loss): void;
}

export const REQUEST_TIMEOUT_MS = 15_000;

interface PendingRequest {
  resolve(result: unknown): void;
  reject(error: ProtocolError): void;
  cancelTimeout(): void;
}

/** Throws what the WebSocket constructor throws. */
export const openChannel = (options: ChannelOptions): Channel => {
  const { clock } = options;
  const socket = new options.WebSocket(options.url);
  socket.binaryType = 'arraybuffer';
  const pending = new Map<number, PendingRequest>();
  let lastId = 0;
  let closed = false;
  let heardAt = clock.now();
  let cancelSilence = (): void => {};

  const close = (): void => {
    if (closed) return;
    closed = true;
    cancelSilence();
    for (const request of pending.values()) {
      request.cancelTimeout();
      request.reject(disconnected());
    }
    pending.clear();
    socket.close();
  };

  const lose = (loss: Loss): void => {
    if (closed) return;
    close();
    options.onLost(loss);
  };

  const settle = (reply: ReplyFrame): void => {
    const request = reply.id === null ? undefined : pending.get(reply.id);
    if (request === undefined || reply.id === null) return;
    pending.delete(reply.id);
    request.cancelTimeout();
    if ('error' in reply) request.reject(errorOf(reply.error));
    else request.resolve(reply.result);
  };

  const receive = (data: string | ArrayBuffer): void => {
    heardAt = clock.now();
    const frame = decode(data);
    if (frame === undefined) lose({ mayReconnect: true });
    else if ('push' in frame) options.onPush(frame);
    else settle(frame);
  };

  socket.onopen = () => {
    if (!closed) options.onOpen();
  };
  socket.onmessage = ({ data }: MessageEvent<string | ArrayBuffer>) => {
    if (!closed) receive(data);
  };
  // What went wrong is in the close event that follows; some platforms throw when nobody hears the error.
  socket.onerror = () => {};
  socket.onclose = ({ code, reason }) => {
    const decoded = decodeCloseReason(code, reason);
    lose({ mayReconnect: mayReconnect(code), ...(decoded === undefined ? {} : { reason: decoded }) });
  };

  return {
    request(type, payload) {
      if (closed) return Promise.reject(disconnected());
      lastId += 1;
      const id = lastId;
      const frame = JSON.stringify({ id, type, payload });
      if (isTooLarge(frame)) {
        return Promise.reject(new ProtocolError('too_large', `A request has at most ${MAX_FRAME_BYTES} bytes.`));
      }
      return new Promise((resolve, reject) => {
        const cancelTimeout = clock.after(REQUEST_TIMEOUT_MS, () => {
          pending.delete(id);
          reject(new ProtocolError('unavailable', 'The server did not answer in time.'));
        });
        pending.set(id, { resolve: resolve as (result: unknown) => void, reject, cancelTimeout });
        socket.send(frame);
      });
    },
    expectHeartbeats(everyMs) {
      const limitMs = 2 * everyMs;
      const check = (): void => {
        // A clock that was set back must not put off finding a dead socket by as much.
        heardAt = Math.min(heardAt, clock.now());
        const leftMs = heardAt + limitMs - clock.now();
        if (leftMs <= 0) lose({ mayReconnect: true });
        else cancelSilence = clock.after(leftMs, check);
      };
      cancelSilence();
      check();
    },
    close,
  };
};

const decode = (data: string | ArrayBuffer): Push | ReplyFrame | undefined => {
  try {
    return JSON.parse(typeof data === 'string' ? data : new TextDecoder().decode(data)) as Push | ReplyFrame;
  } catch {
    return undefined;
  }
};

/** A newer server may have codes that this client does not know. */
const errorOf = (error: WireError): ProtocolError =>
  Object.hasOwn(ERRORS, error.code)
    ? ProtocolError.fromWire(error)
    : new ProtocolError(error.retryable ? 'unavailable' : 'invalid', error.message);

/** Counts bytes only when the length in UTF-16 leaves it open. */
const isTooLarge = (frame: string): boolean =>
  frame.length > MAX_FRAME_BYTES || (frame.length * 3 > MAX_FRAME_BYTES && utf8Length(frame) > MAX_FRAME_BYTES);

const utf8Length = (text: string): number => new TextEncoder().encode(text).byteLength;
