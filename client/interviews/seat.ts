/**
 * A participant's seat in a room: taken by joining, followed by the room's numbered events, resumed after a lost
 * socket, and taken again, as the same participant, when the room has moved or has let it go.
 */
import {
  type Joined,
  ProtocolError,
  type RoomEvent,
  type RoomPush,
  type RoomState,
  type RtpCapabilities,
} from '../../protocol/index.ts';
import { type Backoff, backoffMs } from '../backoff.ts';
import type { Environment } from '../clock.ts';
import { asProtocolError } from '../errors.ts';
import { createOrderedLog, type LogPoint, type LogRecovery } from '../ordered-log.ts';
import type { Client } from '../types.ts';
import { applyRoomEvent, type Room, roomOf, withoutAwaited } from './room.ts';

export interface Seat {
  /** Undefined before joining. */
  readonly room: Room | undefined;
  /** Rejects when the room does not let one in. */
  join(): Promise<void>;
  /** Takes the seat again, from the start; until it succeeds or `onOver` says that it cannot. */
  rejoin(): void;
  /** What flowed in the place that was left is not needed any more. */
  settled(): void;
  /** Nothing is asked or told any more. */
  close(): void;
}

export interface SeatOptions {
  readonly client: Client;
  readonly environment: Environment;
  readonly interviewId: string;
  readonly participantId: string;
  readonly rtpCapabilities: RtpCapabilities;
  /** Everything for media in this epoch of the room; what an earlier one gave is void. The room follows. */
  onJoined(joined: Joined): void;
  /** The same in a place the room moves to. What was given before carries on beside it for at most this long. */
  onMoved(joined: Joined, withinMs: number): void;
  onRoom(room: Room): void;
  /** The seat is lost, and with it all that `onJoined` gave. */
  onLost(): void;
  /** Whether the room can be spoken to. */
  onLive(live: boolean): void;
  onOver(status: 'left' | 'ended' | 'failed', error?: ProtocolError): void;
  /** As far as is known, the interview goes on. */
  isOn(): boolean;
}

const BACKOFF: Backoff = { baseMs: 250, capMs: 4_000 };
/** A seat that was kept for this long ends a series of attempts. */
const STABLE_MS = 5_000;
const MOVE_RETRY_MS = 1_000;
/** Who has not come back to a reopened room by then has left it. */
const AWAIT_OTHERS_MS = 15_000;

export const createSeat = (options: SeatOptions): Seat => {
  const { client, interviewId, participantId } = options;
  const { clock, random } = options.environment;
  let token: string | undefined;
  let room: Room | undefined;
  /** Pushes that overtook the reply to joining. */
  let early: RoomPush[] = [];
  let socketUp = client.connection.get().status === 'online';
  let rejoining = false;
  let moving = false;
  /** The room as it was on the node that it moves away from. */
  let leaving: Room | undefined;
  let attempt = 0;
  let joinedAt = 0;
  let closed = false;

  const setRoom = (next: Room): void => {
    room = next;
    options.onRoom(next);
  };

  const log = createOrderedLog<number, RoomEvent, RoomState>({
    apply(event) {
      if (room !== undefined) setRoom(applyRoomEvent(room, event));
      react(event);
    },
    replace: (state) => setRoom(roomOf(state, room, { reopened: rejoining, leaving })),
    recover: (after) => fetchMissed(after),
    onFailure: (thrown) => recoverFrom(asProtocolError(thrown)),
  });

  const react = (event: RoomEvent): void => {
    if (event.type === 'room.closed') options.onOver('ended');
    else if (event.type === 'room.reopened' || event.type === 'media.lost') void rejoin();
    else if (event.type === 'room.moving') void move(event.withinMs);
    else if (event.type === 'participant.left' && event.participantId === participantId) {
      if (event.reason === 'lost') void rejoin();
      else options.onOver('left');
    }
  };

  const hear = (push: RoomPush): void => {
    if (push.participantId !== participantId || closed) return;
    const at = log.at();
    if (at === undefined || (moving && push.epoch > at.epoch)) early.push(push);
    else if (push.epoch > at.epoch) void rejoin();
    else if (push.epoch === at.epoch) log.push(push.seq, push.event);
  };

  const askToJoin = (move: boolean): Promise<Joined> =>
    client.request('room.join', {
      interviewId,
      participantId,
      rtpCapabilities: options.rtpCapabilities,
      move,
      ...(token === undefined ? {} : { participantToken: token }),
    });

  const joinOnce = async (): Promise<void> => {
    const joined = await askToJoin(false);
    if (closed) {
      client.request('room.leave', { interviewId, participantId }).catch(() => {});
      return;
    }
    take(joined, () => options.onJoined(joined));
    options.onLive(true);
  };

  const take = (joined: Joined, use: () => void): void => {
    const { epoch, seq } = joined.state;
    token = joined.participantToken;
    joinedAt = clock.now();
    use();
    log.take({ recovered: false, epoch, position: seq, snapshot: joined.state });
    const overtook = early;
    early = [];
    for (const push of overtook) hear(push);
  };

  /** Takes the seat in the new place while the old one is kept. When that fails, the old one is good until the room says otherwise. */
  const move = async (withinMs: number): Promise<void> => {
    if (closed || rejoining || moving) return;
    moving = true;
    const before = log.at();
    try {
      const joined = await askToJoin(true);
      moving = false;
      // Taken anew meanwhile, or cut off: then that decides.
      if (closed || rejoining || log.at() === undefined) return;
      // Another node knows nobody yet; another worker of the same one knows everyone.
      leaving = joined.state.epoch === before?.epoch ? undefined : room;
      take(joined, () => options.onMoved(joined, withinMs));
    } catch (thrown) {
      moving = false;
      const refusal = asProtocolError(thrown);
      if (refusal.code === 'gone' || log.at()?.epoch !== before?.epoch) void rejoin();
      else if (withinMs > MOVE_RETRY_MS) clock.after(MOVE_RETRY_MS, () => void move(withinMs - MOVE_RETRY_MS));
    }
  };

  const rejoin = async (): Promise<void> => {
    if (closed || rejoining) return;
    rejoining = true;
    if (clock.now() - joinedAt >= STABLE_MS) attempt = 0;
    log.reset();
    early = [];
    leaving = undefined;
    options.onLost();
    options.onLive(false);
    while (rejoining && !closed) {
      if (attempt > 0) await pause(backoffMs(BACKOFF, attempt, random));
      attempt += 1;
      await whenOnline();
      if (closed) return;
      await joinOnce().then(joinedAgain, (thrown) => refused(asProtocolError(thrown)));
    }
  };

  const joinedAgain = (): void => {
    rejoining = false;
    if (room === undefined || room.awaitedIds.size === 0) return;
    clock.after(AWAIT_OTHERS_MS, () => {
      if (room !== undefined && !closed) setRoom(withoutAwaited(room));
    });
  };

  /** `gone` may be said of the participant that one was, who is just being removed; then the next attempt succeeds. */
  const refused = (refusal: ProtocolError): void => {
    if (refusal.code === 'gone' && !options.isOn()) options.onOver('ended');
    else if (refusal.code !== 'gone' && !refusal.retryable) options.onOver('failed', refusal);
  };

  const pause = (delayMs: number): Promise<void> => new Promise((resolve) => clock.after(delayMs, resolve));

  const whenOnline = async (): Promise<void> => {
    while (client.connection.get().status !== 'online' && !closed) {
      await new Promise<void>((resolve) => {
        wake = resolve;
      });
    }
  };
  let wake = (): void => {};

  /** All that happened in the room after a point, or the room as it is. Rejects with `gone` when it has reopened. */
  const fetchMissed = async (after: LogPoint<number>): Promise<LogRecovery<number, RoomEvent, RoomState>> => {
    const recovery = await client.request('room.resume', {
      interviewId,
      participantId,
      participantToken: token ?? '',
      epoch: after.epoch,
      seq: after.position,
    });
    const epoch = recovery.recovered ? recovery.epoch : recovery.state.epoch;
    if (epoch !== after.epoch) throw new ProtocolError('gone', 'The room has reopened.');
    if (!recovery.recovered) return { recovered: false, epoch, position: recovery.state.seq, snapshot: recovery.state };
    const entries = recovery.events.map(({ seq, event }) => ({ position: seq, event }));
    return { recovered: true, epoch, position: recovery.seq, entries };
  };

  /** The socket is back; media never went. */
  const resume = async (): Promise<void> => {
    const at = log.at();
    if (at === undefined || closed) return;
    try {
      const recovery = await fetchMissed(at);
      // The seat may have been lost, or the room followed again, while this was on its way.
      if (log.at() !== at || closed) return;
      log.take(recovery);
      if (!closed && !rejoining) options.onLive(true);
    } catch (thrown) {
      if (log.at() === at) recoverFrom(asProtocolError(thrown));
    }
  };

  const recoverFrom = (refusal: ProtocolError): void => {
    if (closed || rejoining) return;
    if (!refusal.retryable) void rejoin();
    // Without a socket, the next one resumes.
    else if (socketUp)
      clock.after(refusal.details.retryAfterMs ?? backoffMs(BACKOFF, 1, random), () => void (socketUp && resume()));
  };

  const onConnection = (): void => {
    const { status } = client.connection.get();
    const isUp = status === 'online';
    wake();
    // Signed out, or refused for good: nobody is left to come back.
    if (status === 'closed') options.onOver('left');
    if (isUp === socketUp || closed) return;
    socketUp = isUp;
    if (isUp) {
      void resume();
    } else {
      log.suspend();
      options.onLive(false);
    }
  };

  const releases = [client.onRoom(hear), client.connection.subscribe(onConnection)];

  return {
    get room() {
      return room;
    },
    join: joinOnce,
    rejoin: () => void rejoin(),
    settled() {
      if (leaving === undefined || room === undefined) return;
      leaving = undefined;
      setRoom(withoutAwaited(room));
    },
    close() {
      closed = true;
      for (const release of releases) release();
      log.reset();
      wake();
    },
  };
};
