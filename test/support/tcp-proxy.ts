/** A TCP proxy before the server, so that a test can cut the line without the server or the page doing anything. */
import { connect, createServer, type Socket } from 'node:net';

export interface TcpProxy {
  readonly port: number;
  /** Breaks every connection and lets none in. */
  cut(): void;
  restore(): void;
  /** Keeps every connection that there is open, and lets nothing from the server through on it any more. New ones work. */
  freeze(): void;
  close(): Promise<void>;
}

export const startTcpProxy = (targetPort: number): Promise<TcpProxy> =>
  new Promise((resolve, reject) => {
    const sockets = new Set<Socket>();
    const outgoings = new Set<Socket>();
    let isCut = false;
    const keep = (socket: Socket): void => {
      sockets.add(socket);
      socket.on('error', () => {});
      socket.on('close', () => sockets.delete(socket));
    };
    const server = createServer((incoming) => {
      keep(incoming);
      if (isCut) {
        incoming.destroy();
        return;
      }
      const outgoing = connect(targetPort, '127.0.0.1');
      keep(outgoing);
      outgoings.add(outgoing);
      outgoing.on('close', () => outgoings.delete(outgoing));
      incoming.pipe(outgoing).pipe(incoming);
      incoming.on('close', () => outgoing.destroy());
      outgoing.on('close', () => incoming.destroy());
    });
    server.once('error', reject);
    server.listen(0, '127.0.0.1', () => {
      resolve({
        port: (server.address() as { port: number }).port,
        cut() {
          isCut = true;
          for (const socket of sockets) socket.destroy();
        },
        restore() {
          isCut = false;
        },
        freeze() {
          for (const outgoing of outgoings) {
            outgoing.unpipe();
            outgoing.resume();
          }
        },
        close: () =>
          new Promise((done) => {
            for (const socket of sockets) socket.destroy();
            server.close(() => done());
          }),
      });
    });
  });
