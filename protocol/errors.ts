/**
 * What can go wrong with a request, as a closed list. A handler throws a ProtocolError and it becomes the reply to
 * that request; the session stays up and nothing was stored. Anything else that is thrown is our bug and becomes `internal`.
 */
import { z } from 'zod';
import { GuardFinding } from './guard.ts';

/** Every error code, whether the same request can succeed later unchanged, and its HTTP status on the REST side. */
export const ERRORS = {
  malformed: { retryable: false, status: 400 },
  unknown_type: { retryable: false, status: 404 },
  invalid: { retryable: false, status: 422 },
  too_large: { retryable: false, status: 413 },
  unauthenticated: { retryable: false, status: 401 },
  token_invalid: { retryable: false, status: 401 },
  token_expired: { retryable: false, status: 401 },
  unsupported_protocol: { retryable: false, status: 400 },
  forbidden: { retryable: false, status: 403 },
  not_member: { retryable: false, status: 403 },
  not_found: { retryable: false, status: 404 },
  read_only: { retryable: false, status: 409 },
  conflict: { retryable: false, status: 409 },
  /** The guard refuses it, or a moderator did; `findings` say why. */
  blocked: { retryable: false, status: 422 },
  /** The guard has doubts: the same again with `confirmed`, or better another text. */
  unconfirmed: { retryable: false, status: 409 },
  /** Kept and not posted: a moderator sees it first. The same again, under the same client message id, tells how it stands. */
  held: { retryable: false, status: 409 },
  gone: { retryable: false, status: 410 },
  room_full: { retryable: false, status: 409 },
  rate_limited: { retryable: true, status: 429 },
  unavailable: { retryable: true, status: 503 },
  internal: { retryable: true, status: 500 },
} as const;

export type ErrorCode = keyof typeof ERRORS;
export const ErrorCode = z.enum(Object.keys(ERRORS) as [ErrorCode, ...ErrorCode[]]);

export const WireError = z.object({
  code: ErrorCode,
  /** For people: what is wrong and, where there is something to do, what. */
  message: z.string(),
  retryable: z.boolean(),
  /** Milliseconds to wait before trying again, where the server knows. */
  retryAfterMs: z.int().optional(),
  /** Where in the payload, for `invalid`. */
  issues: z.array(z.object({ path: z.string(), message: z.string() })).optional(),
  /** What it conflicts with, for `conflict`. */
  conflictsWith: z.string().optional(),
  /** What the guard found, for `blocked`, `unconfirmed` and `held`. */
  findings: z.array(GuardFinding).optional(),
});
export type WireError = z.infer<typeof WireError>;

type Details = Pick<WireError, 'retryAfterMs' | 'issues' | 'conflictsWith' | 'findings'>;

export class ProtocolError extends Error {
  override readonly name = 'ProtocolError';
  readonly code: ErrorCode;
  readonly details: Details;

  constructor(code: ErrorCode, message: string, details: Details = {}) {
    super(message);
    this.code = code;
    this.details = details;
  }

  get retryable(): boolean {
    return ERRORS[this.code].retryable;
  }

  get status(): number {
    return ERRORS[this.code].status;
  }

  toWire(): WireError {
    return { code: this.code, message: this.message, retryable: this.retryable, ...this.details };
  }

  static fromWire(error: WireError): ProtocolError {
    const { code, message, retryable: _, ...details } = error;
    return new ProtocolError(code, message, details);
  }

  /** The `invalid` error of a failed validation, with the path of each issue. */
  static fromZod(error: z.ZodError): ProtocolError {
    const issues = error.issues.slice(0, 10).map((issue) => ({ path: issue.path.join('.'), message: issue.message }));
    const first = issues[0];
    const where = first === undefined ? '' : `: ${first.path === '' ? 'payload' : first.path} ${first.message}`;
    return new ProtocolError('invalid', `The payload does not fit its schema${where}.`, { issues });
  }
}
