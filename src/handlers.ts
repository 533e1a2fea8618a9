/**
 * The typed table that requests are dispatched by. A handler does the work of one request type: it takes who asks and a
 * validated payload, returns the result or throws a ProtocolError, and has never seen a socket, Redis or JSON.
 */
import type { Payload, RequestType, Result, Role, UserId } from '../protocol/index.ts';
import type { Delivery, Written } from './store/store.ts';

/** Who asks. */
export interface Caller {
  readonly sessionId: string;
  readonly userId: UserId;
  /** Of the token; absent for nearly everybody. */
  readonly roles?: readonly Role[];
}

export type Handler<Type extends RequestType> = (caller: Caller, payload: Payload<Type>) => Result<Type> | Promise<Result<Type>>;

export type Handlers<Types extends RequestType = RequestType> = { readonly [Type in Types]: Handler<Type> };

/** Requests that the session itself answers, because they are about the session. */
export type SessionRequest = 'session.open' | 'session.refresh' | 'session.watch' | 'session.close' | 'inbox.since';

/**
 * Store first, then publish: waits for a write and sends its deliveries to whoever listens. Every durable write goes
 * through here and nowhere else, so that pushes leave in commit order.
 */
export type Deliver = <Value>(write: Promise<Written<Value>>) => Promise<Value>;

export type Publish = (deliveries: readonly Delivery[]) => void;
