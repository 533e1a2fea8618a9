/** A real media node for tests, with clients that are closed after each one. */
import { randomUUID } from 'node:crypto';
import { pino } from 'pino';
import { createMediaNode, type LendingMediaNode } from '../../media/media-node.ts';
import type { MediaSettings } from '../../media/settings.ts';
import type { MediaCommand, MediaEvent, MediaReply } from '../../signaling/media-node.ts';
import { type Clock, systemClock } from '../../src/clock.ts';
import { linkToNode } from './links.ts';
import { RtcClient } from './rtc-client.ts';

export const TEST_SETTINGS: MediaSettings = { workers: 2, listenIp: '127.0.0.1', portBase: 0, maxIncomingKbps: 4_000 };

export const testLog = pino({ level: process.env.PARLEY_LOG_LEVEL ?? 'silent' });

export interface TestNode {
  readonly node: LendingMediaNode;
  readonly events: MediaEvent[];
  /** A client that has not joined yet. */
  client(userId: string, roomId: string, participantId?: string): RtcClient;
  /** Joins without media. */
  join(roomId: string, participantId?: string, userId?: string): Promise<MediaReply<'join'>>;
  leave(roomId: string, participantId: string, reason?: MediaCommand<'leave'>['reason']): Promise<unknown>;
  /** The worker that carries something, and its sibling. */
  busyPid(): Promise<number>;
  closeClients(): void;
  close(): Promise<void>;
}

export const startNode = async (settings: Partial<MediaSettings> = {}, clock: Clock = systemClock): Promise<TestNode> => {
  const node = await createMediaNode({ settings: { ...TEST_SETTINGS, ...settings }, log: testLog, clock });
  const events: MediaEvent[] = [];
  node.onEvent((event) => events.push(event));
  const clients = new Set<RtcClient>();
  const closeClients = (): void => {
    for (const client of clients) client.close();
    clients.clear();
  };
  return {
    node,
    events,
    client(userId, roomId, participantId = randomUUID()) {
      const client = new RtcClient(linkToNode(node, userId), roomId, participantId);
      clients.add(client);
      return client;
    },
    join: (roomId, participantId = randomUUID(), userId = participantId) =>
      node.request('join', { roomId, participantId, userId, joinedAt: Date.now() }),
    leave: (roomId, participantId, reason = 'left') => node.request('leave', { roomId, participantId, reason }),
    async busyPid() {
      const { workers } = await node.request('stats', {});
      const busy = workers.find(({ rooms }) => rooms > 0);
      if (busy === undefined) throw new Error('No worker carries a room.');
      return busy.pid;
    },
    closeClients,
    async close() {
      closeClients();
      await node.close();
    },
  };
};

/** The code of the ProtocolError that a promise rejects with; undefined when it does not. */
export const codeOf = (work: Promise<unknown>): Promise<string | undefined> =>
  work.then(
    () => undefined,
    (error) => error.code ?? String(error),
  );
