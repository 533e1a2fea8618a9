/**
 * WebSockets on uWebSockets.js. Every limit is set here explicitly, because the library's defaults drop messages
 * in silence: over `maxBackpressure` a send is lost while the socket stays open. Ours closes first, with "reconnect".
 */
import type { TemplatedApp, WebSocket } from 'uWebSockets.js';
import { CLOSE_CODES, type CloseReason, encodeCloseReason } from '../../protocol/index.ts';
import type { Socket, SocketHandler } from './socket.ts';

interface SocketData {
  socketId: number;
  bearer: string | undefined;
  refusal: CloseReason | undefined;
  handler?: SocketHandler;
  gone: boolean;
}

export interface SocketOptions {
  readonly path: string;
  readonly maxPayloadBytes: number;
  readonly maxBackpressureBytes: number;
  /** Whether one more socket may come in; otherwise the upgrade is answered with 503. */
  readonly mayOpen: () => boolean;
  /** What a socket is closed with at once, or undefined to take it. A browser shows its page no answer but that of a close frame. */
  readonly refusal?: (upgrade: Page) => CloseReason | undefined;
  readonly open: (socket: Socket, upgrade: { bearer: string | undefined }) => SocketHandler;
}

/** Where an upgrade comes from. */
export interface Page {
  /** Empty where no browser asks. */
  readonly origin: string;
  readonly host: string;
}

/** Seconds without a frame from the client, pongs included, until the socket is closed; the library pings in between. */
const IDLE_TIMEOUT_SECONDS = 60;

/** Room above our own limit, so that the close frame itself is never dropped. */
const CLOSE_HEADROOM_BYTES = 64 * 1024;

export const mountSockets = (app: TemplatedApp, options: SocketOptions): void => {
  let nextId = 1;
  app.ws<SocketData>(options.path, {
    maxPayloadLength: options.maxPayloadBytes,
    maxBackpressure: options.maxBackpressureBytes + CLOSE_HEADROOM_BYTES,
    closeOnBackpressureLimit: false,
    idleTimeout: IDLE_TIMEOUT_SECONDS,
    sendPingsAutomatically: true,
    compression: 0,
    upgrade: (response, request, context) => {
      if (!options.mayOpen()) {
        response
          .writeStatus('503 Service Unavailable')
          .writeHeader('Retry-After', '5')
          .end('Too many sockets wait to authenticate.');
        return;
      }
      const authorization = request.getHeader('authorization');
      const refusal = options.refusal?.({ origin: request.getHeader('origin'), host: request.getHeader('host') });
      response.upgrade<SocketData>(
        { socketId: nextId++, bearer: /^Bearer (.+)$/i.exec(authorization)?.[1], refusal, gone: false },
        request.getHeader('sec-websocket-key'),
        request.getHeader('sec-websocket-protocol'),
        request.getHeader('sec-websocket-extensions'),
        context,
      );
    },
    open: (ws) => {
      const data = ws.getUserData();
      const socket = wrap(ws, options.maxBackpressureBytes);
      if (data.refusal !== undefined) socket.close(data.refusal);
      else data.handler = options.open(socket, { bearer: data.bearer });
    },
    // The library takes its buffer back when this returns.
    message: (ws, message) => ws.getUserData().handler?.receive(message.slice(0)),
    close: (ws) => {
      const data = ws.getUserData();
      data.gone = true;
      data.handler?.closed();
    },
  });
};

/** The library's result of a send that was dropped. */
const DROPPED = 2;

const wrap = (ws: WebSocket<SocketData>, maxBackpressureBytes: number): Socket => {
  const data = ws.getUserData();
  return {
    socketId: data.socketId,
    send(frame) {
      if (data.gone || ws.getBufferedAmount() > maxBackpressureBytes) return false;
      return ws.send(frame, false, false) !== DROPPED;
    },
    bufferedBytes: () => (data.gone ? 0 : ws.getBufferedAmount()),
    close(reason) {
      if (data.gone) return;
      // `end` calls `close` above before it returns.
      ws.end(CLOSE_CODES[reason.name], encodeCloseReason(reason));
    },
  };
};
