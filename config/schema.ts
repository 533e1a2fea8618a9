/**
 * Every setting of Parley in one tree: type, default, documentation and the environment variable that sets it.
 * `parley config` prints it with the values in force; the loader is load.ts.
 */
import { z } from 'zod';
import { SafetySettings } from './safety.ts';
import { duration, port, positive, setting } from './setting.ts';

const isSecureOrLoopback = (text: string): boolean => {
  if (!URL.canParse(text)) return false;
  const { protocol, hostname } = new URL(text);
  return protocol === 'https:' || (protocol === 'http:' && ['localhost', '127.0.0.1', '[::1]'].includes(hostname));
};

/** The protocol's types of events in threads (protocol/threads.ts). */
export const WEBHOOK_TYPES = [
  'thread.opened',
  'member.joined',
  'member.left',
  'message.posted',
  'message.edited',
  'message.deleted',
  'message.released',
  'proposal.changed',
  'contract.changed',
  'interview.changed',
] as const;

/** As browsers write it: a trailing slash or a default port would never match. */
const isOrigin = (text: string): boolean =>
  text === '*' || (/^https?:/.test(text) && URL.canParse(text) && new URL(text).origin === text);

const IceServer = z.object({
  urls: z.array(z.string().regex(/^(stun|turn)s?:/, 'must start with stun:, stuns:, turn: or turns:')).min(1),
  username: z.string().optional(),
  credential: z.string().optional(),
});

/** A megabyte that was pasted, with its envelope, still gets a typed answer (docs/decisions/0004). */
const MAX_PAYLOAD_BYTES = (1024 + 64) * 1024;

export const Config = z.strictObject({
  demo: setting(
    z.boolean().default(false),
    'PARLEY_DEMO',
    'Plays the host platform: demo people that anybody may sign in as. Never in production.',
  ),
  roles: setting(
    z.enum(['both', 'gateway', 'media']).default('both'),
    'PARLEY_ROLES',
    'What this process does: gateway (sockets, REST), media (calls), or both. One role alone needs Redis.',
  ),
  http: z
    .strictObject({
      host: setting(z.string().min(1).default('127.0.0.1'), 'PARLEY_HOST', 'Address to listen on; 0.0.0.0 for every interface.'),
      port: setting(
        port.default(8080),
        'PARLEY_PORT',
        'Port of the WebSocket, the REST interface and the web application; 0 for any free one.',
      ),
      operationsPort: setting(
        port.optional(),
        'PARLEY_OPERATIONS_PORT',
        'Port of /healthz, /readyz and /metrics of this process; of several the first one, counted up. When not set: PARLEY_PORT.',
      ),
      webRoot: setting(
        z.string().default('web/dist'),
        'PARLEY_WEB_ROOT',
        'Folder of the built web application; empty to serve none.',
      ),
    })
    .prefault({}),
  embed: z
    .strictObject({
      origins: setting(
        z
          .array(z.string().refine(isOrigin, 'must be "*" or an origin such as https://market.example, without a path'))
          .max(1_000)
          .default(['*']),
        'PARLEY_EMBED_ORIGINS',
        'Origins of the pages that may open sockets, as a JSON list; "*" for any. Parley\'s own and programs outside browsers always may.',
      ),
    })
    .prefault({}),
  log: z
    .strictObject({
      level: setting(
        z.enum(['trace', 'debug', 'info', 'warn', 'error', 'silent']).default('info'),
        'PARLEY_LOG_LEVEL',
        'Least level that is logged.',
      ),
      pretty: setting(z.boolean().default(false), 'PARLEY_LOG_PRETTY', 'Lines for people instead of JSON.'),
    })
    .prefault({}),
  store: z
    .strictObject({
      dataDir: setting(
        z.string().min(1).default('data'),
        'PARLEY_DATA_DIR',
        'Folder of the SQLite store and of the secrets made in demo mode.',
      ),
      databaseUrl: setting(
        z
          .string()
          .regex(/^postgres(ql)?:\/\//, 'must start with postgres:// or postgresql://')
          .optional(),
        'DATABASE_URL',
        'PostgreSQL database that keeps the store. When not set: SQLite in the data folder.',
        { secret: true },
      ),
      poolSize: setting(
        positive.max(1_000).default(16),
        'PARLEY_STORE_POOL_SIZE',
        'Connections to PostgreSQL that a gateway holds at most; all gateways together stay below its max_connections.',
      ),
      connectTimeoutMs: setting(
        duration.min(100).default(5_000),
        'PARLEY_STORE_CONNECT_TIMEOUT_MS',
        'How long a call waits for a connection to PostgreSQL before it is answered `unavailable`.',
      ),
      statementTimeoutMs: setting(
        duration.min(100).default(5_000),
        'PARLEY_STORE_STATEMENT_TIMEOUT_MS',
        'How long a statement may run in PostgreSQL; a second later its connection is given up.',
      ),
      lockTimeoutMs: setting(
        duration.min(10).default(2_000),
        'PARLEY_STORE_LOCK_TIMEOUT_MS',
        'How long a statement may wait for a lock in PostgreSQL before it is tried again.',
      ),
      replayLimit: setting(
        positive.max(10_000).default(1_000),
        'PARLEY_REPLAY_LIMIT',
        'Inbox entries replayed at most; who missed more gets a snapshot.',
      ),
      inboxKeep: setting(positive.default(10_000), 'PARLEY_INBOX_KEEP', 'Inbox entries kept a user.'),
    })
    .prefault({}),
  redis: z
    .strictObject({
      url: setting(
        z
          .string()
          .regex(
            /^rediss?(\+sentinel|\+cluster)?:\/\//,
            'must start with redis://, rediss://, redis+sentinel:// or redis+cluster://',
          )
          .optional(),
        'REDIS_URL',
        'Redis that joins several gateways and media nodes. When not set: one process, in memory.',
        { secret: true },
      ),
      prefix: setting(
        z
          .string()
          .regex(/^[a-z0-9:_-]*$/, 'may have small letters, digits, and : _ -')
          .default('parley:'),
        'PARLEY_REDIS_PREFIX',
        'Beginning of every key and channel, so that deployments can share a Redis.',
      ),
      caFile: setting(
        z.string().min(1).optional(),
        'PARLEY_REDIS_CA_FILE',
        "File with the certificates of the authorities that signed Redis's own, in PEM, for rediss://. When not set: those that Node.js trusts.",
      ),
    })
    .prefault({}),
  cluster: z
    .strictObject({
      secret: setting(
        z.string().min(32, 'must have at least 32 characters').optional(),
        'PARLEY_CLUSTER_SECRET',
        'Shared by all nodes: proves them to each other and signs what a session is resumed with. Needed with Redis.',
        { secret: true },
      ),
      gateways: setting(
        positive.max(64).default(1),
        'PARLEY_GATEWAYS',
        'Gateway processes on this host that share the port; more than one need Redis and PostgreSQL, and media has a process of its own.',
      ),
      drainMs: setting(
        duration.min(1_000).default(10_000),
        'PARLEY_DRAIN_MS',
        'A process that is told to stop ends within this, whatever is left to do.',
      ),
      reconnectsPerSecond: setting(
        positive.default(1_000),
        'PARLEY_RECONNECTS_PER_SECOND',
        'Sessions that a gateway which stops asks to come back in one second; all of them within half of the grace of a session.',
      ),
      nodeId: setting(
        z
          .string()
          .regex(/^[\w.:-]{1,100}$/, 'may have letters, digits, and . : _ -')
          .optional(),
        'PARLEY_NODE_ID',
        "Name of this process among the media nodes. When not set: the host's name and the control port.",
      ),
    })
    .prefault({}),
  auth: z
    .strictObject({
      jwtSecret: setting(
        z.string().min(32, 'must have at least 32 characters').optional(),
        'PARLEY_JWT_SECRET',
        'HS256 secret that user tokens are signed with. Demo mode makes its own.',
        { secret: true },
      ),
      jwksUrl: setting(
        z.url().refine(isSecureOrLoopback, 'must be https; http is for this host alone (localhost, 127.0.0.1, [::1])').optional(),
        'PARLEY_JWKS_URL',
        'Key server of the host platform: a JWK set with the RS256, ES256 and EdDSA keys that user tokens are signed with.',
      ),
      issuer: setting(z.string().min(1).optional(), 'PARLEY_JWT_ISSUER', 'Required `iss` of user tokens; any when not set.'),
      audience: setting(z.string().min(1).optional(), 'PARLEY_JWT_AUDIENCE', 'Required `aud` of user tokens; any when not set.'),
      timeoutMs: setting(
        duration.min(100).default(5_000),
        'PARLEY_AUTH_TIMEOUT_MS',
        'A socket that has not authenticated by then is closed.',
      ),
      hostApiKey: setting(
        z.string().min(24, 'must have at least 24 characters').optional(),
        'PARLEY_HOST_API_KEY',
        'Bearer key of the host platform on the REST interface. Demo mode makes its own.',
        { secret: true },
      ),
    })
    .prefault({}),
  webhooks: z
    .strictObject({
      url: setting(
        z.url().refine(isSecureOrLoopback, 'must be https; http is for this host alone (localhost, 127.0.0.1, [::1])').optional(),
        'PARLEY_WEBHOOK_URL',
        'Where the host platform hears of events; when not set it is told nothing. Redirects are not followed.',
      ),
      secrets: setting(
        z
          .array(z.string().regex(/^whsec_[A-Za-z0-9+/]{32,}={0,2}$/, 'must be whsec_ and 24 random bytes or more in base64'))
          .max(3)
          .default([]),
        'PARLEY_WEBHOOK_SECRETS',
        'What webhooks are signed with, as a JSON list; several while one takes the place of another.',
        { secret: true },
      ),
      types: setting(
        z.array(z.enum(WEBHOOK_TYPES)).default(['thread.opened', 'proposal.changed', 'contract.changed', 'interview.changed']),
        'PARLEY_WEBHOOK_TYPES',
        'Types of events that are told, as a JSON list.',
      ),
      bodies: setting(
        z.boolean().default(false),
        'PARLEY_WEBHOOK_BODIES',
        'Whether the text of messages is told, where their types are.',
      ),
      timeoutMs: setting(
        duration.min(100).max(60_000).default(10_000),
        'PARLEY_WEBHOOK_TIMEOUT_MS',
        'How long the receiver has to answer before it is tried again.',
      ),
    })
    .refine(({ url, secrets }) => url === undefined || secrets.length > 0, {
      path: ['secrets'],
      message: 'is needed with webhooks.url',
    })
    .prefault({}),
  safety: SafetySettings,
  session: z
    .strictObject({
      graceMs: setting(duration.default(30_000), 'PARLEY_SESSION_GRACE_MS', 'How long a session outlives its socket.'),
      heartbeatMs: setting(
        duration.min(100).default(20_000),
        'PARLEY_HEARTBEAT_MS',
        'Interval of the heartbeat that carries the inbox head.',
      ),
      requestsPerSecond: setting(
        positive.default(50),
        'PARLEY_REQUESTS_PER_SECOND',
        'Requests a session may make, sustained; a search counts as ten.',
      ),
      requestBurst: setting(positive.default(200), 'PARLEY_REQUEST_BURST', 'Requests a session may make at once.'),
    })
    .prefault({}),
  socket: z
    .strictObject({
      maxPayloadBytes: setting(
        positive.min(65_536).default(MAX_PAYLOAD_BYTES),
        'PARLEY_MAX_PAYLOAD_BYTES',
        'The transport closes a socket at a larger frame. Frames above 64 KiB are answered with `too_large` and not read.',
      ),
      maxBackpressureBytes: setting(
        positive.min(65_536).default(1024 * 1024),
        'PARLEY_MAX_BACKPRESSURE_BYTES',
        'A socket with more unsent bytes is closed as a slow consumer, and resumes. Typing is dropped from an eighth of it, presence from a quarter.',
      ),
      maxUnauthenticated: setting(
        positive.default(10_000),
        'PARLEY_MAX_UNAUTHENTICATED',
        'Sockets that have not authenticated yet; more are refused.',
      ),
      maxUnauthenticatedBytes: setting(
        positive.min(1024 * 1024).default(256 * 1024 * 1024),
        'PARLEY_MAX_UNAUTHENTICATED_BYTES',
        'What sockets that have not authenticated may hold together; beyond, those that have waited for a second are closed.',
      ),
    })
    .prefault({}),
  presence: z
    .strictObject({
      graceMs: setting(
        duration.default(10_000),
        'PARLEY_PRESENCE_GRACE_MS',
        'A user whose last socket went away is offline after this.',
      ),
      leaseMs: setting(
        duration.min(300).default(15_000),
        'PARLEY_PRESENCE_LEASE_MS',
        'With Redis: how long presence outlives a gateway that died; renewed three times within it.',
      ),
    })
    .prefault({}),
  interview: z
    .strictObject({
      ringMs: setting(duration.min(1_000).default(45_000), 'PARLEY_RING_MS', 'A call nobody answered is missed after this.'),
      emptyMs: setting(
        duration.default(30_000),
        'PARLEY_ROOM_EMPTY_MS',
        'A live interview whose room is empty ends after this. Keep it above the five seconds that a lost media node may cost.',
      ),
      graceMs: setting(
        duration.max(45_000).default(25_000),
        'PARLEY_PARTICIPANT_GRACE_MS',
        'How long a participant stays in the room without a socket.',
      ),
      maxParticipants: setting(
        z.int().min(2).max(50).default(8),
        'PARLEY_ROOM_MAX_PARTICIPANTS',
        'People in one call at most, up to 50.',
      ),
    })
    .prefault({}),
  media: z
    .strictObject({
      workers: setting(z.int().min(0).max(128).default(0), 'PARLEY_MEDIA_WORKERS', 'Media workers; 0 for one a core.'),
      workerBin: setting(
        z.string().min(1).optional(),
        'MEDIASOUP_WORKER_BIN',
        'The mediasoup worker to spawn; script/bootstrap sets it.',
      ),
      listenIp: setting(
        z.union([z.ipv4(), z.ipv6()]).optional(),
        'PARLEY_MEDIA_LISTEN_IP',
        'Address media is received on. When not set: loopback and every IPv4 address of this host.',
      ),
      announcedAddress: setting(
        z.string().min(1).optional(),
        'PARLEY_MEDIA_ANNOUNCED_ADDRESS',
        'Public address or name of this host, when clients reach it through NAT.',
      ),
      bridgeAddress: setting(
        z.union([z.ipv4(), z.ipv6()]).optional(),
        'PARLEY_MEDIA_BRIDGE_ADDRESS',
        "Address that other media nodes reach this host on, for rooms that are larger than a node. When not set: the listen address, or the host's first IPv4 address.",
      ),
      consumersPerWorker: setting(
        z.int().min(1).max(10_000).default(450),
        'PARLEY_MEDIA_CONSUMERS_PER_WORKER',
        'Tracks that one worker should send out before a room spreads over another worker, or another node.',
      ),
      portBase: setting(
        port.default(0),
        'PARLEY_MEDIA_PORT_BASE',
        'First media port; one a worker, UDP and TCP. 0 for free ports.',
      ),
      iceServers: setting(
        z.array(IceServer).max(8).default([]),
        'PARLEY_ICE_SERVERS',
        'STUN and TURN servers for clients, as a JSON list.',
        {
          secret: true,
        },
      ),
      turn: z
        .strictObject({
          urls: setting(
            z
              .array(z.string().regex(/^turns?:/, 'must start with turn: or turns:'))
              .max(8)
              .default([]),
            'PARLEY_TURN_URLS',
            'TURN servers that take short-lived credentials (coturn with use-auth-secret), as a JSON list.',
          ),
          secret: setting(
            z.string().min(16, 'must have at least 16 characters').optional(),
            'PARLEY_TURN_SECRET',
            "The TURN servers' static-auth-secret, which credentials are made with at each join.",
            { secret: true },
          ),
          ttlSeconds: setting(
            z.int().min(60).max(86_400).default(3_600),
            'PARLEY_TURN_TTL_SECONDS',
            'How long a TURN credential is good to open a relay with.',
          ),
        })
        .refine(({ urls, secret }) => urls.length === 0 || secret !== undefined, {
          path: ['secret'],
          message: 'is needed with media.turn.urls',
        })
        .prefault({}),
      controlHost: setting(
        z.string().min(1).default('127.0.0.1'),
        'PARLEY_MEDIA_CONTROL_HOST',
        'Address that gateways reach a media node on. Keep it on a private network: the frames are authenticated, not encrypted.',
      ),
      controlPort: setting(
        port.default(0),
        'PARLEY_MEDIA_CONTROL_PORT',
        'Port that gateways reach a media node on; 0 for any free one.',
      ),
      controlUrl: setting(
        z
          .string()
          .regex(/^wss?:\/\//, 'must start with ws:// or wss://')
          .optional(),
        'PARLEY_MEDIA_CONTROL_URL',
        'What gateways connect to, where it is not the control host and port: a name, or wss:// of a TLS terminator before it.',
      ),
      drainMs: setting(
        duration.default(30_000),
        'PARLEY_MEDIA_DRAIN_MS',
        'How long a media node that is told to end waits for its rooms.',
      ),
      moveMs: setting(
        duration.min(1_000).max(60_000).default(20_000),
        'PARLEY_MEDIA_MOVE_MS',
        'How long the people of a room have to move when their media node drains; who has not by then joins again.',
      ),
      maxIncomingKbps: setting(positive.default(4_000), 'PARLEY_MEDIA_MAX_INCOMING_KBPS', 'Bitrate one participant may send.'),
    })
    .prefault({}),
});

export type Config = z.output<typeof Config>;
