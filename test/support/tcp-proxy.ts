/** A TCP proxy before a server, so that a test can cut, freeze or slow the line without either side doing anything. */
import { connect, createServer, type Socket } from 'node:net';

/** Up is from who connects to the server. */
export type Direction = 'up' | 'down';

export interface TcpProxy {
  readonly port: number;
  /** Connections that go through it now. */
  connections(): number;
  /** Breaks every connection and lets none in. */
  cut(): void;
  /** Breaks the oldest connection and lets none in; the others stay. */
  cutOldest(): void;
  /** Connections stay, and nothing goes through them in that direction, as when a cable is pulled. Both when not said. */
  freeze(direction?: Direction): void;
  /** Keeps every connection that there is open, and lets nothing from the server through on it any more. New ones work. */
  loseAnswers(): void;
  /** What goes through takes this much longer, each way. */
  delay(ms: number): void;
  /** The line is as good as new; what was held goes on its way. */
  restore(): void;
  close(): Promise<void>;
}

interface Held {
  readonly dueAt: number;
  /** Undefined for the end of the stream. */
  readonly chunk: Buffer | undefined;
}

/**
 * Before one server, or before the one that `target` names for each connection, as a balancer does. `rewrite` is given each piece of
 * what the server answers, and what it returns is passed on.
 */
export const startTcpProxy = (target: number | (() => number), rewrite = (answer: Buffer): Buffer => answer): Promise<TcpProxy> =>
  new Promise((resolve, reject) => {
    const sockets = new Set<Socket>();
    const relays = new Set<() => void>();
    const frozen = new Set<Direction>();
    const outgoings = new Set<Socket>();
    const pairs = new Set<readonly [Socket, Socket]>();
    let isCut = false;
    let delayMs = 0;

    const keep = (socket: Socket): void => {
      sockets.add(socket);
      socket.setNoDelay(true);
      socket.on('error', () => {});
      socket.on('close', () => sockets.delete(socket));
    };

    const relay = (from: Socket, to: Socket, direction: Direction): void => {
      const held: Held[] = [];
      let timer: NodeJS.Timeout | undefined;
      const flush = (): void => {
        clearTimeout(timer);
        if (frozen.has(direction)) {
          from.pause();
          return;
        }
        from.resume();
        for (let next = held[0]; next !== undefined; next = held[0]) {
          const waitMs = next.dueAt - Date.now();
          if (waitMs > 0) {
            timer = setTimeout(flush, waitMs);
            return;
          }
          held.shift();
          if (next.chunk === undefined) to.end();
          else if (!to.write(next.chunk)) from.pause();
        }
      };
      const take = (chunk?: Buffer): void => {
        held.push({ dueAt: Math.max(held.at(-1)?.dueAt ?? 0, Date.now() + delayMs), chunk });
        flush();
      };
      from.on('data', (chunk) => take(direction === 'down' ? rewrite(chunk) : chunk));
      from.on('end', () => take());
      to.on('drain', flush);
      from.on('close', (broken) => {
        relays.delete(flush);
        if (broken || held.length > 0) to.destroy();
      });
      relays.add(flush);
      flush();
    };

    const server = createServer((incoming) => {
      keep(incoming);
      if (isCut) {
        incoming.destroy();
        return;
      }
      const outgoing = connect(typeof target === 'number' ? target : target(), '127.0.0.1');
      const pair = [incoming, outgoing] as const;
      pairs.add(pair);
      incoming.on('close', () => pairs.delete(pair));
      keep(outgoing);
      outgoings.add(outgoing);
      outgoing.on('close', () => outgoings.delete(outgoing));
      relay(incoming, outgoing, 'up');
      relay(outgoing, incoming, 'down');
    });
    server.once('error', reject);
    server.listen(0, '127.0.0.1', () => {
      resolve({
        port: (server.address() as { port: number }).port,
        connections: () => sockets.size / 2,
        cut() {
          isCut = true;
          for (const socket of sockets) socket.destroy();
        },
        cutOldest() {
          isCut = true;
          const [oldest] = pairs;
          for (const socket of oldest ?? []) socket.destroy();
        },
        freeze(direction) {
          for (const each of direction === undefined ? (['up', 'down'] as const) : [direction]) frozen.add(each);
          for (const flush of relays) flush();
        },
        loseAnswers() {
          for (const outgoing of outgoings) {
            outgoing.removeAllListeners('data');
            outgoing.resume();
          }
        },
        delay(ms) {
          delayMs = ms;
        },
        restore() {
          isCut = false;
          delayMs = 0;
          frozen.clear();
          for (const flush of relays) flush();
        },
        close: () =>
          new Promise((done) => {
            for (const socket of sockets) socket.destroy();
            server.close(() => done());
          }),
      });
    });
  });
