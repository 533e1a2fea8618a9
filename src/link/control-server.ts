/**
 * The control port of a media node: gateways connect, prove themselves, and speak to the authority. A numbered request is carried out
 * once, also when it is asked again after a break; a gateway that stays away is one whose participants lost their socket.
 */
import { randomBytes } from 'node:crypto';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Logger } from 'pino';
import { type WebSocket, WebSocketServer } from 'ws';
import type { z } from 'zod';
import type { GatewayLine, MediaAuthority } from '../../media/authority.ts';
import { ProtocolError } from '../../protocol/index.ts';
import { LINK_COMMANDS, type LinkCommand, type LinkEvent, StalePlacement } from '../../signaling/media-link.ts';
import type { Clock } from '../clock.ts';
import {
  Auth,
  createProofs,
  type Hello,
  LINK_VERSION,
  MAX_BUFFERED_BYTES,
  MAX_FRAME_BYTES,
  parse,
  RETRY_WINDOW_MS,
  type ToGateway,
  ToNode,
  type Welcome,
} from './frames.ts';
import { watchLiveness } from './liveness.ts';

export interface ControlServer {
  readonly port: number;
  /** Gateways that are connected now. */
  connected(): number;
  close(): Promise<void>;
}

const HANDSHAKE_TIMEOUT_MS = 5_000;
/** Requests of one gateway that are under way or whose reply it has not confirmed. */
const MAX_KEPT = 20_000;

/** One gateway's life: what it asked, and the connection it has now. */
interface Gateway {
  readonly replies: Map<number, Promise<ToGateway>>;
  doneUpTo: number;
  socket: WebSocket | undefined;
  line: GatewayLine | undefined;
  cancelForget: (() => void) | undefined;
}

export const startControlServer = async (options: {
  host: string;
  port: number;
  secret: string;
  nodeId: string;
  bootId: string;
  authority: MediaAuthority;
  clock: Clock;
  log: Logger;
}): Promise<ControlServer> => {
  const { authority, clock, log, nodeId, bootId } = options;
  const proofs = createProofs(options.secret);
  const gateways = new Map<string, Gateway>();
  const http = createServer((_, response) => response.writeHead(404).end());
  const server = new WebSocketServer({ server: http, path: '/link', maxPayload: MAX_FRAME_BYTES });

  // It repeats what its HTTP server says, which the start rejects with.
  server.on('error', (error) => log.debug({ err: error }, 'the control port failed'));

  const send = (socket: WebSocket, frame: ToGateway | Hello | Welcome): void => {
    if (socket.readyState !== socket.OPEN) return;
    if (socket.bufferedAmount > MAX_BUFFERED_BYTES) {
      log.warn('a gateway does not read, and is cut off');
      socket.terminate();
      return;
    }
    socket.send(JSON.stringify(frame));
  };

  const carryOut = async (line: GatewayLine, { id, name, command }: Extract<ToNode, { t: 'request' }>): Promise<ToGateway> => {
    try {
      const parsed = (LINK_COMMANDS[name].command as z.ZodType).safeParse(command);
      if (!parsed.success) throw ProtocolError.fromZod(parsed.error);
      return { t: 'reply', id, result: await line.request(name, parsed.data as LinkCommand<typeof name>) };
    } catch (error) {
      if (error instanceof StalePlacement) return { t: 'stale', id };
      if (error instanceof ProtocolError) return { t: 'error', id, error: error.toWire() };
      log.error({ err: error, name }, 'a command failed');
      return { t: 'error', id, error: new ProtocolError('internal', 'The media node failed; it has been noted.').toWire() };
    }
  };

  const answer = (gateway: Gateway, request: Extract<ToNode, { t: 'request' }>): void => {
    const { id, done } = request;
    for (let known = gateway.doneUpTo + 1; known <= done; known += 1) gateway.replies.delete(known);
    gateway.doneUpTo = Math.max(gateway.doneUpTo, done);
    if (gateway.line === undefined || id <= gateway.doneUpTo) return;
    if (gateway.replies.size >= MAX_KEPT) {
      gateway.socket?.terminate();
      return;
    }
    const reply = gateway.replies.get(id) ?? carryOut(gateway.line, request);
    gateway.replies.set(id, reply);
    // Wherever the gateway is by then.
    void reply.then((frame) => gateway.socket !== undefined && send(gateway.socket, frame));
  };

  const serve = (socket: WebSocket, gatewayId: string, welcome: (resumed: boolean) => void): void => {
    const known = gateways.get(gatewayId);
    const gateway: Gateway = known ?? {
      replies: new Map(),
      doneUpTo: 0,
      socket: undefined,
      line: undefined,
      cancelForget: undefined,
    };
    gateways.set(gatewayId, gateway);
    gateway.cancelForget?.();
    gateway.socket?.terminate();
    gateway.socket = socket;
    welcome(known !== undefined);
    let events = 0;
    const onEvent = (event: LinkEvent): void => {
      events += 1;
      send(socket, { t: 'event', n: events, event });
    };
    const line = authority.attach(gatewayId, onEvent);
    gateway.line = line;
    log.info({ gatewayId }, 'a gateway is connected');

    const liveness = watchLiveness(socket, clock, () => socket.terminate());
    socket.on('message', (data) => {
      liveness.heard();
      const frame = parse(ToNode, data);
      if (frame === undefined) {
        log.warn({ gatewayId }, 'a gateway sent what is no frame');
        return socket.close(1002);
      }
      if (frame.t === 'request') answer(gateway, frame);
    });
    socket.on('close', () => {
      liveness.stop();
      line.detach();
      if (gateway.socket !== socket) return;
      log.warn({ gatewayId }, 'a gateway is gone');
      gateway.socket = undefined;
      gateway.cancelForget = clock.after(RETRY_WINDOW_MS, () => gateways.delete(gatewayId));
    });
  };

  server.on('connection', (socket) => {
    socket.on('error', (error) => log.debug({ err: error }, 'a control connection failed'));
    const cancelDeadline = clock.after(HANDSHAKE_TIMEOUT_MS, () => socket.terminate());
    const hello: Hello = {
      t: 'hello',
      v: LINK_VERSION,
      nodeId,
      bootId,
      challenge: randomBytes(24).toString('base64url'),
    };
    send(socket, hello);
    socket.once('message', (data) => {
      cancelDeadline();
      const auth = parse(Auth, data);
      if (auth === undefined || auth.v !== LINK_VERSION || !proofs.check('gateway', hello, auth, auth.proof)) {
        log.warn('somebody who does not know the secret of the cluster was refused');
        return socket.close(1008);
      }
      const proof = proofs.make('node', hello, auth);
      serve(socket, auth.gatewayId, (resumed) => send(socket, { t: 'welcome', proof, resumed }));
    });
    socket.once('close', cancelDeadline);
  });

  await new Promise<void>((resolve, reject) => {
    http.once('error', reject);
    http.listen(options.port, options.host, resolve);
  });
  return {
    port: (http.address() as AddressInfo).port,
    connected: () => server.clients.size,
    async close() {
      for (const { cancelForget } of gateways.values()) cancelForget?.();
      for (const socket of server.clients) socket.terminate();
      server.close();
      await new Promise((resolve) => http.close(resolve));
    },
  };
};
