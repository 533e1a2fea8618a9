/**
 * The media node in this process: rooms on mediasoup workers behind the messages of signaling/media-node.ts. Commands of one
 * participant run one after the other; those of different participants at the same time.
 */
import { setLogEventListeners } from 'mediasoup';
import type { Logger } from 'pino';
import { ProtocolError } from '../protocol/index.ts';
import type { MediaCommand, MediaCommandName, MediaEvent, MediaNode, MediaReply } from '../signaling/media-node.ts';
import { type Clock, systemClock } from '../src/clock.ts';
import { createSerialQueues } from '../src/serial-queues.ts';
import { ROUTER_RTP_CAPABILITIES } from './codecs.ts';
import { createLender, type Lender } from './lender.ts';
import type { MediaWorker } from './media-worker.ts';
import { type Neighbours, noNeighbours } from './neighbours.ts';
import { gone } from './refusals.ts';
import { createRoom, type Room } from './room.ts';
import type { MediaSettings } from './settings.ts';
import { startWorkers } from './workers.ts';

type Commands = { readonly [Name in MediaCommandName]: (command: MediaCommand<Name>) => Promise<MediaReply<Name>> };

export interface MediaNodeOptions {
  readonly settings: MediaSettings;
  readonly log: Logger;
  readonly clock?: Clock;
  /** Epochs of this room are no smaller: what nodes that had it before can have counted to. */
  readonly epochFloor?: (roomId: string) => number;
  /** Other nodes that lend places to rooms that are larger than this one. */
  readonly neighbours?: Neighbours;
  /** Whether this node lends to others now. */
  readonly mayLend?: () => boolean;
}

/** What else is on this node's workers than its own rooms. */
export interface LendingMediaNode extends MediaNode {
  readonly lender: Lender;
}

export const createMediaNode = async (options: MediaNodeOptions): Promise<LendingMediaNode> => {
  const { settings, log, neighbours = noNeighbours } = options;
  const clock = options.clock ?? systemClock;
  const rooms = new Map<string, Room>();
  const listeners = new Set<(event: MediaEvent) => void>();
  const queues = createSerialQueues();
  let lastEpoch = 0;
  let closing: Promise<void> | undefined;

  setLogEventListeners({
    onerror: (namespace, message, error) => log.error({ namespace, ...(error === undefined ? {} : { err: error }) }, message),
  });

  const emit = (event: MediaEvent): void => {
    for (const listener of listeners) listener(event);
  };

  /** Epochs begin with the time, so that a room that opens again after a restart of the process has a larger one. */
  const nextEpoch = (roomId: string): number => {
    lastEpoch = Math.max(lastEpoch + 1, clock.now(), options.epochFloor?.(roomId) ?? 0);
    return lastEpoch;
  };

  const onDied = async (worker: MediaWorker, lost: readonly Room[]): Promise<void> => {
    const moves = await Promise.all(lost.map(async (room) => ({ roomId: room.roomId, moved: await room.lose(worker) })));
    for (const { roomId } of moves.filter(({ moved }) => !moved)) rooms.delete(roomId);
    const ids = (moved: boolean) => moves.filter((move) => move.moved === moved).map(({ roomId }) => roomId);
    emit({ type: 'worker.died', pid: worker.worker.pid, reopenedRoomIds: ids(true), closedRoomIds: ids(false) });
  };
  const workers = await startWorkers({
    settings,
    clock,
    log,
    onDied: (worker) =>
      void onDied(
        worker,
        [...rooms.values()].filter((room) => room.isOn(worker)),
      ),
  });
  const lender = createLender({ workers, settings, clock, log, mayLend: options.mayLend ?? (() => true) });

  const openRoom = (roomId: string): Room => {
    const room = createRoom({
      roomId,
      settings,
      clock,
      log,
      workers,
      neighbours,
      nextEpoch: () => nextEpoch(roomId),
      emit,
      onEmptied() {
        rooms.delete(roomId);
        emit({ type: 'room.emptied', roomId });
      },
    });
    rooms.set(roomId, room);
    return room;
  };
  const roomOf = (roomId: string): Room => {
    const room = rooms.get(roomId);
    if (room === undefined) throw gone();
    return room;
  };
  const found = ({ roomId, participantId }: { roomId: string; participantId: string }) => {
    const room = roomOf(roomId);
    return { room, participant: room.participant(participantId) };
  };
  const transportsOf = (command: { roomId: string; participantId: string }) => {
    const { media } = found(command).participant;
    if (media === undefined) throw gone();
    return media.transports;
  };

  const commands: Commands = {
    capabilities: async () => ({ routerRtpCapabilities: ROUTER_RTP_CAPABILITIES }),
    join: (command) => (rooms.get(command.roomId) ?? openRoom(command.roomId)).join(command),
    async settle({ roomId, participantId }) {
      await roomOf(roomId).settle(participantId);
      return {};
    },
    async leave({ roomId, participantId, reason }) {
      rooms.get(roomId)?.leave(participantId, reason);
      return {};
    },
    async setConnected({ roomId, participantId, connected }) {
      rooms.get(roomId)?.setConnected(participantId, connected);
      return {};
    },
    async connectTransport(command) {
      await transportsOf(command).connect(command.direction, command.dtlsParameters);
      return {};
    },
    async restartIce(command) {
      return { iceParameters: await transportsOf(command).restartIce(command.direction) };
    },
    async openProducer(command) {
      const { room, participant } = found(command);
      await room.sending.open(participant, command);
      return { producerId: command.producerId };
    },
    async pauseProducer(command) {
      const { room, participant } = found(command);
      await room.sending.pause(participant, command.producerId, command.paused);
      return {};
    },
    async closeProducer(command) {
      const { room, participant } = found(command);
      room.sending.close(participant, command.producerId);
      return {};
    },
    async requestConsumers(command) {
      const { room, participant } = found(command);
      await room.receiving.setCapabilities(participant, command.rtpCapabilities);
      return {};
    },
    async pauseConsumers(command) {
      const { room, participant } = found(command);
      await room.receiving.pause(participant, command.consumerIds, command.paused);
      return {};
    },
    async setLayers(command) {
      const { room, participant } = found(command);
      const { consumerId, spatialLayer, temporalLayer } = command;
      await room.receiving.setLayers(participant, consumerId, { spatialLayer, temporalLayer });
      return {};
    },
    replay: async ({ roomId, participantId, epoch, seq }) => roomOf(roomId).replay(participantId, { epoch, seq }),
    async closeRoom({ roomId }) {
      const room = rooms.get(roomId);
      rooms.delete(roomId);
      room?.close();
      return {};
    },
    async moveRoom({ roomId, deadlineMs }) {
      await roomOf(roomId).move(deadlineMs);
      return {};
    },
    async announceMove({ roomId, withinMs }) {
      rooms.get(roomId)?.announceMove(withinMs);
      return {};
    },
    async drainWorker({ pid, draining, deadlineMs }) {
      const worker = workers.drain(pid, draining);
      if (worker === undefined) throw new ProtocolError('not_found', 'There is no such media worker.');
      const there = [...rooms.values()].filter((room) => room.isOn(worker));
      if (draining) await Promise.all(there.map((room) => room.move(deadlineMs, worker)));
      else for (const room of there) room.callOffMove(worker);
      return {};
    },
    stats: async () => ({
      workers: workers.living().map(({ worker: { pid }, cpu, carries }) => ({ pid, cpu, ...carries, lent: lender.lentOn(pid) })),
    }),
  };

  const close = async (): Promise<void> => {
    neighbours.close();
    lender.close();
    await workers.close();
  };

  return {
    lender,
    request(name, command) {
      if (closing !== undefined) return Promise.reject(new ProtocolError('unavailable', 'The media node is closing.'));
      const run = () => commands[name](command);
      // Settling waits for others, and nothing else of the participant waits for it.
      return 'participantId' in command && name !== 'settle'
        ? queues.run(`${command.roomId} ${command.participantId}`, run)
        : run();
    },
    onEvent(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    ready: () => closing === undefined && workers.living().length > 0,
    close() {
      closing ??= close();
      return closing;
    },
  };
};
