/**
 * The connection: one open session at a time, kept over any number of sockets. Opens or resumes the session with the
 * first frame, comes back after a loss when the verdict allows it, at the pace the server asks for or by backoff, and
 * renews the token in place.
 */
import {
  CLOSE_CODES,
  type CloseName,
  type CloseReason,
  ERRORS,
  type PayloadInput,
  PROTOCOL_VERSION,
  ProtocolError,
  type Push,
  type RequestType,
  type Result,
  type UserId,
} from '../protocol/index.ts';
import { backoffMs } from './backoff.ts';
import { type Channel, type ChannelOptions, type Loss, openChannel } from './channel.ts';
import type { Environment } from './clock.ts';
import { asProtocolError, disconnected } from './errors.ts';
import { createCell } from './readable.ts';
import { createTokenRefresh } from './token-refresh.ts';
import type { ClientOptions, ConnectionState, Readable } from './types.ts';

export type Opened = Result<'session.open'>;

export interface Connection {
  readonly state: Readable<ConnectionState>;
  connect(): void;
  reconnectNow(): void;
  /** Breaks the socket and comes back as after any loss. */
  restart(): void;
  /** Ends the session for good. */
  close(): Promise<void>;
  request<Type extends RequestType>(type: Type, payload: PayloadInput<Type>): Promise<Result<Type>>;
}

export interface ConnectionOptions extends Environment, Pick<ClientOptions, 'url' | 'token' | 'name'> {
  readonly WebSocket: new (url: string) => WebSocket;
  /** Where the inbox stands; undefined to be given a snapshot. */
  inboxAt(): { epoch: string; position: number } | undefined;
  /** The session is open or resumed; called before those who hear `state` are. */
  onOpen(opened: Opened): void;
  onPush(push: Push): void;
  /** The open session has lost its socket. */
  onLost(): void;
}

type Phase =
  | { readonly is: 'idle' | 'closed' }
  | { readonly is: 'opening'; readonly abandon: () => void }
  | { readonly is: 'open'; readonly channel: Channel; readonly since: number }
  | { readonly is: 'waiting'; readonly cancel: () => void };

/** For token, socket and `session.open` together. */
const OPEN_TIMEOUT_MS = 15_000;
const BACKOFF = { baseMs: 250, capMs: 15_000 };
/** A session that stayed open this long ends a series of attempts; a server that falls over again at once is not hammered. */
const STABLE_MS = 5_000;
/** So many tokens in a row that are expired as they come mean that there is no good one. */
const MAX_EXPIRED_TOKENS = 3;
/** Signing out waits this long for the server's word. */
const GOODBYE_MS = 2_000;

export const createConnection = (options: ConnectionOptions): Connection => {
  const { clock, random } = options;
  const state = createCell<ConnectionState>({ status: 'idle' });
  let phase: Phase = { is: 'idle' };
  let attempt = 0;
  let expiredTokens = 0;
  /** Which of the addresses is next; the first is drawn, so that clients spread over them. */
  let addressIndex: number | undefined;
  let session: { sessionId: string; resumeToken: string; userId: UserId } | undefined;

  /** How far the server's clock is ahead of ours. */
  let clockLeadMs = 0;

  const refresh = createTokenRefresh({
    clock,
    async refresh() {
      const { tokenExpiresAt } = await request('session.refresh', { token: await options.token() });
      return tokenExpiresAt === null ? null : tokenExpiresAt - clock.now() - clockLeadMs;
    },
  });

  const address = (): string => {
    const [first, ...others] = typeof options.url === 'string' ? [options.url] : options.url;
    if (first === undefined) throw new ProtocolError('invalid', 'There is no address to open a socket to.');
    if (others.length === 0) return first;
    addressIndex ??= Math.floor(random() * (others.length + 1));
    return [first, ...others][addressIndex % (others.length + 1)] as string;
  };
  const nextAddress = (): void => {
    if (addressIndex !== undefined) addressIndex += 1;
  };

  const start = (): void => {
    let channel: Channel | undefined;
    let abandoned = false;
    const abandon = (): void => {
      abandoned = true;
      cancelDeadline();
      channel?.close();
    };
    const lost = (loss: Loss): void => {
      if (abandoned) return;
      abandon();
      settleLoss(loss);
    };
    const refused = (error: unknown): void => {
      if (abandoned) return;
      abandon();
      settleRefusal(error);
    };
    const cancelDeadline = clock.after(OPEN_TIMEOUT_MS, () => lost({ mayReconnect: true }));
    phase = { is: 'opening', abandon };
    state.set({ status: 'connecting' });

    const openSession = async (over: Channel, token: string): Promise<void> => {
      const opened = await over.request('session.open', openPayload(token));
      if (abandoned) return;
      cancelDeadline();
      if (session !== undefined && session.userId !== opened.user.userId) throw otherUser();
      settleOpened(over, opened);
    };

    const run = async (): Promise<void> => {
      const token = await options.token();
      if (abandoned) return;
      const over = openSocket({
        url: address(),
        WebSocket: options.WebSocket,
        clock,
        onOpen: () => void openSession(over, token).catch(refused),
        onPush,
        onLost: lost,
      });
      channel = over;
    };
    run().catch(refused);
  };

  const onPush = (push: Push): void => {
    if (push.push === 'token.expiring') refresh.warn();
    else options.onPush(push);
  };

  const openPayload = (token: string): PayloadInput<'session.open'> => {
    const inbox = options.inboxAt();
    return {
      protocol: PROTOCOL_VERSION,
      token,
      ...(options.name === undefined ? {} : { client: { name: options.name.slice(0, 64), version: String(PROTOCOL_VERSION) } }),
      ...(session === undefined ? {} : { resume: { sessionId: session.sessionId, resumeToken: session.resumeToken } }),
      ...(inbox === undefined ? {} : { inbox }),
    };
  };

  const settleOpened = (channel: Channel, opened: Opened): void => {
    const { sessionId, resumeToken, user } = opened;
    session = { sessionId, resumeToken, userId: user.userId };
    phase = { is: 'open', channel, since: clock.now() };
    expiredTokens = 0;
    clockLeadMs = opened.serverTime - clock.now();
    refresh.expiresIn(opened.tokenExpiresAt === null ? null : opened.tokenExpiresAt - opened.serverTime);
    channel.expectHeartbeats(opened.heartbeatMs);
    state.set({ status: 'online' });
    options.onOpen(opened);
  };

  /** The socket is gone; the phase is still that of the socket. */
  const settleLoss = (loss: Loss): void => {
    if (phase.is === 'open' && clock.now() - phase.since >= STABLE_MS) attempt = 0;
    // Where the session was it is resumed most surely, unless that gateway said that it goes.
    if (phase.is !== 'open' || loss.reason?.name === 'draining') nextAddress();
    leave();
    if (!loss.mayReconnect) end(loss);
    else if (loss.reason?.name === 'token_expired' && !countExpiredToken()) end(loss);
    else wait(loss.reason);
  };

  /** No token was to be had, or the server did not take the session. */
  const settleRefusal = (error: unknown): void => {
    leave();
    if (!(error instanceof ProtocolError)) {
      // A token endpoint that cannot be reached is the same weather as a server that cannot.
      wait();
      return;
    }
    const reason = closeReasonOf(error);
    nextAddress();
    if (error.retryable || (error.code === 'token_expired' && countExpiredToken())) wait(reason);
    else end({ error, ...(reason === undefined ? {} : { reason }) });
  };

  const countExpiredToken = (): boolean => {
    expiredTokens += 1;
    return expiredTokens < MAX_EXPIRED_TOKENS;
  };

  /** Out of whatever phase it is. */
  const leave = (): void => {
    const left = phase;
    phase = { is: 'idle' };
    if (left.is === 'waiting') left.cancel();
    if (left.is === 'opening') left.abandon();
    if (left.is !== 'open') return;
    left.channel.close();
    refresh.stop();
    options.onLost();
  };

  const wait = (reason?: CloseReason): void => {
    const delayMs = reason?.delayMs ?? backoffMs(BACKOFF, attempt, random);
    attempt += 1;
    phase = { is: 'waiting', cancel: clock.after(delayMs, start) };
    state.set({
      status: 'reconnecting',
      retryAt: clock.now() + delayMs,
      attempt,
      ...(reason === undefined ? {} : { reason }),
    });
  };

  const end = ({ reason, error }: { reason?: CloseReason; error?: ProtocolError }): void => {
    phase = { is: 'closed' };
    session = undefined;
    attempt = 0;
    expiredTokens = 0;
    state.set({
      status: 'closed',
      ...(reason === undefined ? {} : { reason }),
      ...(error === undefined ? {} : { error }),
    });
  };

  const reconnectNow = (): void => {
    if (phase.is !== 'waiting') return;
    leave();
    start();
  };

  const request: Connection['request'] = (type, payload) =>
    phase.is === 'open' ? phase.channel.request(type, payload) : Promise.reject(disconnected());

  return {
    state,
    request,
    reconnectNow,
    connect() {
      if (phase.is === 'idle' || phase.is === 'closed') start();
    },
    restart() {
      if (phase.is === 'open') settleLoss({ mayReconnect: true });
    },
    async close() {
      if (phase.is === 'open') await sayGoodbye(request('session.close', {}), options.clock);
      leave();
      end({});
    },
  };
};

/** Resolves when the server has ended the session, or will when its grace is over. */
const sayGoodbye = (goodbye: Promise<unknown>, clock: Environment['clock']): Promise<void> =>
  new Promise((resolve) => {
    const cancel = clock.after(GOODBYE_MS, resolve);
    goodbye
      .catch(() => {})
      .then(() => {
        cancel();
        resolve();
      });
  });

/** A URL that is none does not become one by waiting. */
const openSocket = (options: ChannelOptions): Channel => {
  try {
    return openChannel(options);
  } catch (error) {
    throw new ProtocolError('invalid', `No socket can be opened to ${options.url}: ${asProtocolError(error).message}`);
  }
};

const otherUser = (): ProtocolError =>
  new ProtocolError('forbidden', 'The token is of another person than before; sign out first.');

const closeReasonOf = ({ code }: ProtocolError): CloseReason | undefined =>
  code in CLOSE_CODES && code in ERRORS ? { name: code as CloseName } : undefined;
