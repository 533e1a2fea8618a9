/** Structured logs on pino. Message bodies and tokens are never logged: what could carry one is not passed in. */
import { type Logger, pino } from 'pino';
import type { Config } from '../config/index.ts';

/** What of an error is told besides its type, message and stack. */
const TOLD = ['code', 'syscall', 'address', 'port', 'severity', 'table', 'constraint', 'routine'] as const;

/**
 * Drivers hang what they were asked on their errors: Redis's have the command with its arguments, which are a frame with a message in
 * it, or the password. So it is named here what goes into the log.
 */
const errorToLog = (error: unknown): unknown => {
  if (!(error instanceof Error)) return error;
  const { type, message, stack, ...rest } = pino.stdSerializers.err(error) as unknown as Record<string, unknown>;
  const told = TOLD.flatMap((key) => (rest[key] === undefined ? [] : [[key, rest[key]] as const]));
  const several = error instanceof AggregateError ? { errors: error.errors.map(errorToLog) } : {};
  return { type, message, stack, ...Object.fromEntries(told), ...several };
};

/** `node` names one process of several. */
export const createLog = ({ level, pretty }: Config['log'], node?: string, to?: pino.DestinationStream): Logger =>
  pino(
    {
      level,
      base: { pid: process.pid, ...(node === undefined ? {} : { node }) },
      redact: ['*.token', '*.resumeToken', '*.participantToken', '*.authorization', '*.body'],
      serializers: { err: errorToLog },
      ...(pretty ? { transport: { target: 'pino-pretty', options: { ignore: 'pid' } } } : {}),
    },
    to as pino.DestinationStream,
  );
