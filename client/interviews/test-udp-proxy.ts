/** A UDP proxy before the media workers, so that a test can cut media without a worker or a client doing anything. */
import { createSocket, type Socket } from 'node:dgram';
import { once } from 'node:events';
import type { Joined, TransportOptions } from '../../protocol/index.ts';

export interface UdpProxy {
  /** The reply to joining with every candidate behind the proxy. */
  redirect(joined: Joined): Promise<Joined>;
  cut(): void;
  restore(): void;
  close(): void;
}

const bind = async (): Promise<Socket> => {
  const socket = createSocket('udp4');
  socket.bind(0, '127.0.0.1');
  await once(socket, 'listening');
  return socket;
};

export const createUdpProxy = (): UdpProxy => {
  const sockets: Socket[] = [];
  const fronts = new Map<number, Promise<number>>();
  let isCut = false;

  /** A port in front of a worker's; each client that speaks to it gets a socket of its own towards the worker. */
  const openFront = async (workerPort: number): Promise<number> => {
    const front = await bind();
    sockets.push(front);
    const backs = new Map<number, Promise<Socket>>();
    const openBack = async (clientPort: number): Promise<Socket> => {
      const back = await bind();
      sockets.push(back);
      back.on('message', (packet) => {
        if (!isCut) front.send(packet, clientPort, '127.0.0.1');
      });
      return back;
    };
    front.on('message', async (packet, { port: clientPort }) => {
      const back = backs.get(clientPort) ?? openBack(clientPort);
      backs.set(clientPort, back);
      const socket = await back;
      if (!isCut) socket.send(packet, workerPort, '127.0.0.1');
    });
    return front.address().port;
  };

  const frontOf = (workerPort: number): Promise<number> => {
    const front = fronts.get(workerPort) ?? openFront(workerPort);
    fronts.set(workerPort, front);
    return front;
  };

  const redirectTransport = async (transport: TransportOptions): Promise<TransportOptions> => {
    const udp = transport.iceCandidates.filter(({ protocol }) => protocol === 'udp');
    return {
      ...transport,
      iceCandidates: await Promise.all(udp.map(async (candidate) => ({ ...candidate, port: await frontOf(candidate.port) }))),
    };
  };

  return {
    redirect: async (joined) => ({
      ...joined,
      sendTransport: await redirectTransport(joined.sendTransport),
      receiveTransport: await redirectTransport(joined.receiveTransport),
    }),
    cut() {
      isCut = true;
    },
    restore() {
      isCut = false;
    },
    close() {
      isCut = true;
      for (const socket of sockets) socket.close();
    },
  };
};
