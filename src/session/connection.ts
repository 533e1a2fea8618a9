/**
 * The session stop: what one socket says, from its first frame to its last. Knows who speaks, keeps limits, dispatches through
 * one typed table and turns errors into replies. A socket is opening, open or closed; nothing but `session.open` works before.
 */
import type { Logger } from 'pino';
import { type Payload, PROTOCOL_VERSION, ProtocolError, type RequestType, type Result } from '../../protocol/index.ts';
import type { Clock } from '../clock.ts';
import type { Caller, Handlers, SessionRequest } from '../handlers.ts';
import type { TokenVerifier } from '../identity/tokens.ts';
import type { Metrics } from '../metrics.ts';
import type { Socket, SocketHandler } from '../socket/socket.ts';
import type { Store } from '../store/store.ts';
import type { Admission } from './admission.ts';
import { decodeRequest, encodeError, encodeResult, FrameError, type Request } from './frame.ts';
import type { Session } from './session.ts';
import type { Sessions } from './sessions.ts';
import type { Watch } from './watch.ts';

export interface ConnectionOptions {
  readonly authTimeoutMs: number;
  readonly heartbeatMs: number;
  readonly sessionGraceMs: number;
  readonly admission: Admission;
  readonly sessions: Sessions;
  readonly watch: Watch;
  readonly tokens: TokenVerifier;
  readonly store: Store;
  readonly handlers: Handlers<Exclude<RequestType, SessionRequest>>;
  readonly clock: Clock;
  readonly log: Logger;
  readonly metrics: Metrics;
}

type OpenRequest = Extract<Request, { type: 'session.open' }>;

type Phase =
  | { readonly is: 'new' }
  | { readonly is: 'opening' }
  | { readonly is: 'open'; readonly session: Session }
  | { readonly is: 'closed' };

/** Requests of one socket under way at once; a client that pipelines more is told to slow down. */
const MAX_IN_FLIGHT = 512;
/** Of a frame before the session is open: `session.open` with the longest token fits twice. */
const MAX_UNAUTHENTICATED_BYTES = 16 * 1024;
/** Requests that count as several: a search looks at thousands of rows where a post writes a few. */
const COSTS: Partial<Record<RequestType, number>> = { 'message.search': 10 };

export const createConnection = (options: ConnectionOptions, socket: Socket, bearer: string | undefined): SocketHandler => {
  const { admission, sessions, clock, log, metrics } = options;
  let phase: Phase = { is: 'new' };
  let inFlight = 0;
  metrics.sockets.inc();
  const leaveAdmission = admission.enter(() => socket.close({ name: 'flooding' }));
  const cancelDeadline = clock.after(options.authTimeoutMs, () => socket.close({ name: 'authentication_timeout' }));

  const isClosed = (): boolean => phase.is === 'closed';

  const refuse = (id: number | null, error: ProtocolError): void => {
    socket.send(encodeError(id, error));
  };

  /** The reply to a request, whatever becomes of it. */
  const answer = async (request: Request, work: () => unknown): Promise<void> => {
    const startedAt = performance.now();
    let outcome: string = 'ok';
    inFlight += 1;
    try {
      const result = await work();
      reply(encodeResult(request.id, result));
    } catch (error) {
      const known = error instanceof ProtocolError ? error : noteInternal(request, error);
      outcome = known.code;
      reply(encodeError(request.id, known));
    } finally {
      inFlight -= 1;
      metrics.requests.observe({ type: request.type, outcome }, (performance.now() - startedAt) / 1000);
    }
  };

  const reply = (frame: string): void => {
    if (phase.is === 'open') phase.session.send(frame);
    else socket.send(frame);
  };

  const noteInternal = (request: Request, error: unknown): ProtocolError => {
    metrics.internalErrors.inc();
    log.error({ err: error, requestId: `${socket.socketId}.${request.id}`, type: request.type }, 'a request failed');
    return new ProtocolError('internal', 'Something went wrong here; it has been noted. Trying again may help.');
  };

  const open = async (request: OpenRequest): Promise<Result<'session.open'>> => {
    const { protocol, token, resume, inbox } = request.payload;
    if (protocol !== PROTOCOL_VERSION) {
      throw new ProtocolError(
        'unsupported_protocol',
        `This server speaks version ${PROTOCOL_VERSION} of the protocol, not ${protocol}.`,
      );
    }
    const given = token ?? bearer;
    if (given === undefined)
      throw new ProtocolError('unauthenticated', 'A token is needed, in `session.open` or as a bearer token of the upgrade.');
    const identity = await options.tokens.verify(given);
    const [user] = await options.store.users([identity.userId]);
    if (user === undefined) throw new ProtocolError('unauthenticated', 'The host platform has not told us of this user.');
    const { session, resumed } = await sessions.attach(identity.userId, socket, resume);
    sessions.setTokenExpiry(session, identity.expiresAt);
    await sessions.setRoles(session, identity.roles);
    const recovery = await options.store.since(identity.userId, inbox).catch((error: unknown) => {
      sessions.detach(session, socket);
      throw error;
    });
    // The socket may have gone while we waited; the grace then begins now.
    if (isClosed()) {
      sessions.detach(session, socket);
      throw new ProtocolError('unavailable', 'The socket closed.');
    }
    cancelDeadline();
    phase = { is: 'open', session };
    leaveAdmission();
    log.debug(
      { socketId: socket.socketId, sessionId: session.sessionId, resumed, client: request.payload.client },
      'session open',
    );
    return {
      sessionId: session.sessionId,
      resumeToken: session.resumeToken,
      resumed,
      user,
      serverTime: clock.now(),
      heartbeatMs: options.heartbeatMs,
      sessionGraceMs: options.sessionGraceMs,
      tokenExpiresAt: identity.expiresAt,
      ...(identity.roles.length === 0 ? {} : { roles: [...identity.roles] }),
      inbox: recovery,
    };
  };

  /** A refused `session.open` ends the socket, with the verdict in the close code. */
  const openOrClose = async (request: OpenRequest): Promise<Result<'session.open'>> => {
    try {
      return await open(request);
    } catch (error) {
      const code = error instanceof ProtocolError ? error.code : 'internal';
      // After the reply, which this rejection becomes.
      setImmediate(() => socket.close({ name: closeNameOf(code) }));
      throw error;
    }
  };

  const dispatch = (session: Session, request: Request): unknown => {
    limit(session, request);
    const caller: Caller = { sessionId: session.sessionId, userId: session.userId, roles: session.roles };
    switch (request.type) {
      case 'session.open':
        throw new ProtocolError('conflict', 'This socket has its session already.');
      case 'session.refresh':
        return refresh(session, request.payload.token);
      case 'session.watch':
        return options.watch.set(session, request.payload);
      case 'session.close':
        setImmediate(() => sessions.end(session));
        return {};
      case 'inbox.since':
        return catchUp(session, request.payload);
      default: {
        const handler = options.handlers[request.type] as (caller: Caller, payload: unknown) => unknown;
        return handler(caller, request.payload);
      }
    }
  };

  const catchUp = async (session: Session, from: Payload<'inbox.since'>): Promise<Result<'inbox.since'>> => {
    const recovery = await options.store.since(session.userId, from);
    // The push that would have taken it off the thread's topic was missed.
    const mayHaveLeft =
      !recovery.recovered ||
      recovery.entries.some(({ event }) => event.type === 'member.left' && event.userId === session.userId);
    if (mayHaveLeft) await options.watch.check(session);
    return recovery;
  };

  const refresh = async (session: Session, token: string): Promise<Result<'session.refresh'>> => {
    const identity = await options.tokens.verify(token);
    if (identity.userId !== session.userId) throw new ProtocolError('forbidden', 'The new token is of another user.');
    sessions.setTokenExpiry(session, identity.expiresAt);
    await sessions.setRoles(session, identity.roles);
    return { tokenExpiresAt: identity.expiresAt };
  };

  const limit = (session: Session, { type }: Request): void => {
    const waitMs = session.rateLimit.take(clock.now(), COSTS[type]);
    if (waitMs > 0) throw new ProtocolError('rate_limited', 'Too many requests; slow down.', { retryAfterMs: waitMs });
    if (inFlight >= MAX_IN_FLIGHT)
      throw new ProtocolError('rate_limited', 'Too many requests under way; wait for replies.', { retryAfterMs: 100 });
  };

  const decode = (bytes: ArrayBuffer): Request | undefined => {
    try {
      return decodeRequest(bytes);
    } catch (error) {
      if (!(error instanceof FrameError)) throw error;
      metrics.refusedFrames.inc({ code: error.error.code });
      refuse(error.id, error.error);
      return undefined;
    }
  };

  const refuseUnread = (byteLength: number): void => {
    metrics.refusedFrames.inc({ code: 'too_large' });
    const most = `Before its session is open a socket sends frames of at most ${MAX_UNAUTHENTICATED_BYTES} bytes`;
    refuse(null, new ProtocolError('too_large', `${most}; this one has ${byteLength}.`));
    socket.close({ name: 'flooding' });
  };

  return {
    receive(bytes) {
      if (phase.is === 'closed') return;
      if (phase.is !== 'open' && bytes.byteLength > MAX_UNAUTHENTICATED_BYTES) {
        refuseUnread(bytes.byteLength);
        return;
      }
      const request = decode(bytes);
      if (phase.is === 'open') {
        const { session } = phase;
        // A broken frame costs as much as a good one.
        if (request === undefined) session.rateLimit.take(clock.now());
        else void answer(request, () => dispatch(session, request));
        return;
      }
      if (phase.is === 'new' && request?.type === 'session.open') {
        phase = { is: 'opening' };
        void answer(request, () => openOrClose(request));
        return;
      }
      if (request !== undefined)
        refuse(
          request.id,
          new ProtocolError('unauthenticated', 'The first request is `session.open`, and its reply comes before anything else.'),
        );
      if (phase.is === 'new') socket.close({ name: 'unauthenticated' });
    },
    closed() {
      cancelDeadline();
      metrics.sockets.dec();
      if (phase.is === 'open') sessions.detach(phase.session, socket);
      else leaveAdmission();
      phase = { is: 'closed' };
    },
  };
};

const closeNameOf = (code: ProtocolError['code']) => {
  switch (code) {
    case 'token_expired':
    case 'token_invalid':
    case 'unsupported_protocol':
    case 'unauthenticated':
    case 'unavailable':
      return code;
    default:
      return 'internal';
  }
};
