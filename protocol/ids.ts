/**
 * Identifiers, times and text: the small schemas the rest of the wire is made of.
 * Identifiers from the host platform are kept as they come; ours are UUIDs. Times are Unix milliseconds.
 */
import { z } from 'zod';

/** Text that every store and every receiver can hold: well-formed Unicode without NUL. */
export const text = (maxLength: number) =>
  z
    .string()
    .max(maxLength)
    .refine((value) => value.isWellFormed() && !value.includes('\u0000'), 'must be well-formed Unicode without NUL');

/** An identifier that the host platform chose: a user, a job, a proposal, a contract. */
const hostId = () => z.string().regex(/^[\w.:@-]{1,128}$/, 'must be 1 to 128 letters, digits or any of _ . : @ -');

export const UserId = hostId();
export const JobId = hostId();
export const ProposalId = hostId();
export const ContractId = hostId();
export const ThreadId = text(64).min(1);
export const SessionId = z.uuid();
export const InterviewId = z.uuid();
export const ParticipantId = z.uuid();

/** Made by the client, once per message, kept through every retry: the key of "exactly once". */
export const ClientMessageId = z.string().regex(/^[\w-]{8,64}$/, 'must be 8 to 64 letters, digits, _ or -');

/** Place of an event in its thread: 1, 2, 3 … without holes. */
export const Offset = z.int().min(1);
/** An offset, or 0 for "before the first". */
export const OffsetOrZero = z.int().min(0);
/** Place of an entry in one user's inbox: 1, 2, 3 …; 0 is "nothing yet". */
export const Position = z.int().min(0);
/** Names the life of the store that positions belong to; another epoch voids them all. */
export const Epoch = z.string().min(1).max(64);
/** Unix time in milliseconds. */
export const Timestamp = z.int().min(0);

export type UserId = z.infer<typeof UserId>;
export type ThreadId = z.infer<typeof ThreadId>;
export type Offset = z.infer<typeof Offset>;
export type Position = z.infer<typeof Position>;
export type Epoch = z.infer<typeof Epoch>;
