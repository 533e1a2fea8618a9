/** Signaling for tests: a real store in memory, a real media node, the gateway's handlers, and sessions that come and go. */
import { randomUUID } from 'node:crypto';
import { createMediaAuthority, type MediaAuthority } from '../../media/authority.ts';
import { createLocalLink } from '../../media/local-link.ts';
import type { LendingMediaNode } from '../../media/media-node.ts';
import type { Interview, PayloadInput, RequestType, Result, RoomPush, ThreadEventOf } from '../../protocol/index.ts';
import { memoryLease } from '../../signaling/lease.ts';
import { createMediaFleet } from '../../signaling/media-fleet.ts';
import { createMemoryMediaNodes } from '../../signaling/memory-media-nodes.ts';
import { createParticipantTokens } from '../../signaling/participant-token.ts';
import { createSignaling, type Signaling, type SignalingRequest } from '../../signaling/signaling.ts';
import type { Clock } from '../../src/clock.ts';
import { systemClock } from '../../src/clock.ts';
import { createDeliver } from '../../src/delivery.ts';
import type { Caller } from '../../src/handlers.ts';
import { openSqliteStore } from '../../src/store/sqlite-store.ts';
import type { Store } from '../../src/store/store.ts';
import { until } from '../support/until.ts';
import { linkToHandlers } from './links.ts';
import { testLog } from './node.ts';
import { RtcClient } from './rtc-client.ts';

export const SETTINGS = { ringMs: 45_000, emptyMs: 30_000, graceMs: 25_000, maxParticipants: 8 };

export interface TestSession extends Caller {
  readonly pushes: RoomPush[];
  /** As the gateway dispatches it. */
  request<Type extends SignalingRequest>(type: Type, payload: PayloadInput<Type>): Promise<Result<Type>>;
  /** The code a request is refused with; undefined when it is not. */
  refused<Type extends SignalingRequest>(type: Type, payload: PayloadInput<Type>): Promise<string | undefined>;
  /** Its socket breaks, or is back. */
  detach(): void;
  attach(): void;
  /** Signs out, or is forgotten after its grace. */
  end(): void;
  client(interviewId: string, participantId?: string): RtcClient;
}

export interface Stage {
  readonly store: Store;
  readonly signaling: Signaling;
  /** A new session of this user, attached. */
  session(userId: string): TestSession;
  /** A thread of these people, the first its owner. */
  thread(...userIds: string[]): Promise<string>;
  /** What the members of a thread heard of an interview, in order. */
  heard(interviewId: string): Interview[];
  /** Waits for an interview to be told in this state. */
  told(interviewId: string, state: Interview['state']): Promise<Interview>;
  /** Every user who got the last event of an interview. */
  hearers(interviewId: string): string[];
  /** A gateway that starts on the same store and media node, after this one is gone. */
  restart(): Promise<Stage>;
  close(): Promise<void>;
}

export const USERS = ['ada', 'bob', 'cleo', 'dan', 'outsider'];

interface StageOptions {
  readonly mediaNode: LendingMediaNode;
  readonly clock?: Clock;
  readonly settings?: Partial<typeof SETTINGS>;
}

type Told = { readonly event: ThreadEventOf<'interview.changed'>; readonly userIds: string[] };

const on = async (store: Store, authority: MediaAuthority, options: StageOptions, told: Told[] = []): Promise<Stage> => {
  const { mediaNode, clock = systemClock, settings } = options;
  const gatewayId = randomUUID();
  const fleet = createMediaFleet({
    nodes: createMemoryMediaNodes({ nodeId: 'here', bootId: 'once', workers: 1, clock: systemClock }),
    connect: (_, listener) => createLocalLink(authority, gatewayId, listener),
    clock,
    log: testLog,
  });
  const sessions = new Map<string, (push: RoomPush) => void>();
  const clients = new Set<RtcClient>();
  const deliver = createDeliver((deliveries) => {
    for (const { event, positions } of deliveries) {
      if (event.type === 'interview.changed') told.push({ event, userIds: positions.map(([userId]) => userId) });
    }
  });
  const signaling = createSignaling({
    store,
    deliver,
    fleet,
    tokens: createParticipantTokens('the secret of the stage'),
    lease: memoryLease,
    sendRoom: (sessionId, push) => sessions.get(sessionId)?.(push),
    clock,
    log: testLog,
    settings: { ...SETTINGS, ...settings },
    iceServers: [{ urls: ['stun:stun.example.com'] }],
    turn: { urls: ['turns:turn.example.com:443?transport=tcp'], secret: 'a secret of the tests', ttlSeconds: 600 },
    onReopened: () => {},
  });
  await signaling.start();

  const about = (interviewId: string) => told.filter(({ event }) => event.interview.interviewId === interviewId);
  const heard = (interviewId: string): Interview[] => about(interviewId).map(({ event }) => event.interview);
  const closeGateway = async (): Promise<void> => {
    for (const client of clients) client.close();
    clients.clear();
    await signaling.close();
  };

  return {
    store,
    signaling,
    session(userId) {
      const caller: Caller = { sessionId: randomUUID(), userId };
      const pushes: RoomPush[] = [];
      const listeners = new Set<(push: RoomPush) => void>();
      const request: TestSession['request'] = async (type, payload) =>
        signaling.handlers[type](caller, payload as never) as never;
      const session: TestSession = {
        ...caller,
        pushes,
        request,
        refused: (type, payload) =>
          request(type, payload).then(
            () => undefined,
            (error) => error.code ?? String(error),
          ),
        attach: () => signaling.sessionAttached(caller.sessionId, userId),
        detach: () => signaling.sessionDetached(caller.sessionId),
        end: () => signaling.sessionEnded(caller.sessionId),
        client(interviewId, participantId = randomUUID()) {
          const onRoom = (listener: (push: RoomPush) => void) => {
            listeners.add(listener);
            return () => listeners.delete(listener);
          };
          const client = new RtcClient(linkToHandlers(signaling.handlers, caller, onRoom), interviewId, participantId);
          clients.add(client);
          return client;
        },
      };
      sessions.set(caller.sessionId, (push) => {
        pushes.push(push);
        for (const listener of listeners) listener(push);
      });
      session.attach();
      return session;
    },
    async thread(...userIds) {
      const members = userIds.map((userId, at) => ({ userId, role: at === 0 ? ('owner' as const) : ('member' as const) }));
      const threadKey = randomUUID();
      const { result } = await store.openThread({
        threadKey,
        threadId: threadKey,
        kind: 'group',
        title: '',
        members,
        at: clock.now(),
      });
      return result.threadId;
    },
    heard,
    told: (interviewId, state) =>
      until(`interview.changed to ${state}`, () => heard(interviewId).find((interview) => interview.state === state)),
    hearers: (interviewId) => about(interviewId).at(-1)?.userIds ?? [],
    async restart() {
      await closeGateway();
      return on(store, authority, options, told);
    },
    async close() {
      await closeGateway();
      const rooms = new Set(told.map(({ event }) => event.interview.interviewId));
      await Promise.all([...rooms].map((roomId) => mediaNode.request('closeRoom', { roomId })));
      authority.close();
      await store.close();
    },
  };
};

export const openStage = async (options: StageOptions): Promise<Stage> => {
  const store = await openSqliteStore({ path: ':memory:' });
  for (const userId of USERS) {
    await store.putUser({ userId, displayName: userId, headline: '', avatarUrl: null, timeZone: null }, 1);
  }
  const { mediaNode: node, clock = systemClock } = options;
  return on(store, createMediaAuthority({ node, lender: node.lender, clock, log: testLog }), options);
};

/** Any request of signaling, for who may not make it. */
export const requestsFor = (interviewId: string, participantId: string): [SignalingRequest, never][] => {
  const as = { interviewId, participantId };
  const fingerprints = [{ algorithm: 'sha-256', value: Array(32).fill('AB').join(':') }];
  const payloads: { readonly [Type in SignalingRequest]?: unknown } = {
    'room.join': as,
    'room.resume': { ...as, participantToken: 'forged', epoch: 1, seq: 0 },
    'room.settled': as,
    'room.leave': as,
    'transport.connect': { ...as, direction: 'send', dtlsParameters: { fingerprints } },
    'transport.restart_ice': { ...as, direction: 'send' },
    'producer.open': {
      ...as,
      producerId: randomUUID(),
      kind: 'audio',
      source: 'microphone',
      rtpParameters: {
        codecs: [{ mimeType: 'audio/opus', payloadType: 111, clockRate: 48_000, channels: 2 }],
        encodings: [{ ssrc: 5 }],
      },
      paused: false,
    },
    'producer.pause': { ...as, producerId: randomUUID() },
    'producer.resume': { ...as, producerId: randomUUID() },
    'producer.close': { ...as, producerId: randomUUID() },
    'consumer.request': { ...as, rtpCapabilities: { codecs: [] } },
    'consumer.resume': { ...as, consumerIds: [] },
    'consumer.pause': { ...as, consumerIds: [] },
    'consumer.layers': { ...as, consumerId: randomUUID(), spatialLayer: 0, temporalLayer: 0 },
  };
  return Object.entries(payloads) as [SignalingRequest & RequestType, never][];
};
