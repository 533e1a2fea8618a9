/** The uWebSockets.js application that sockets and routes are mounted on, and its port. */
import uWS, { type TemplatedApp, type us_listen_socket } from 'uWebSockets.js';

/** What routes are written with, so that the library stays in this folder. */
export type { HttpRequest, HttpResponse, TemplatedApp } from 'uWebSockets.js';

export interface Port {
  readonly port: number;
  /** Takes no more connections; open ones stay. */
  stop(): void;
}

/** What the library exports and takes at run time, where its type declarations fall short. */
const { LIBUS_LISTEN_DEFAULT, LIBUS_LISTEN_EXCLUSIVE_PORT } = uWS as unknown as {
  LIBUS_LISTEN_DEFAULT: number;
  LIBUS_LISTEN_EXCLUSIVE_PORT: number;
};
type ListenOnHost = (host: string, port: number, options: number, done: (socket: us_listen_socket | false) => void) => void;

export const createApp = (): TemplatedApp => uWS.App();

/**
 * Listens; port 0 lets the system choose. Rejects when the port is taken. With `shares` any number of processes listen on the port and
 * the system deals the connections out; without it a second server is refused instead of sharing in silence.
 */
export const listen = (app: TemplatedApp, host: string, port: number, { shares = false } = {}): Promise<Port> =>
  new Promise((resolve, reject) => {
    const options = shares ? LIBUS_LISTEN_DEFAULT : LIBUS_LISTEN_EXCLUSIVE_PORT;
    (app.listen as unknown as ListenOnHost).call(app, host, port, options, (socket) => {
      if (socket === false) {
        reject(new Error(`Port ${port} of ${host} cannot be listened on: stop what uses it, or set PARLEY_PORT.`));
        return;
      }
      let stopped = false;
      resolve({
        port: uWS.us_socket_local_port(socket),
        stop() {
          if (!stopped) uWS.us_listen_socket_close(socket);
          stopped = true;
        },
      });
    });
  });
