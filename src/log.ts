/** Structured logs on pino. Message bodies and tokens are never logged: what could carry one is not passed in. */
import { type Logger, pino } from 'pino';
import type { Config } from '../config/index.ts';

/** `node` names one process of several. */
export const createLog = ({ level, pretty }: Config['log'], node?: string): Logger =>
  pino({
    level,
    base: { pid: process.pid, ...(node === undefined ? {} : { node }) },
    redact: ['*.token', '*.resumeToken', '*.participantToken', '*.authorization', '*.body'],
    ...(pretty ? { transport: { target: 'pino-pretty', options: { ignore: 'pid' } } } : {}),
  });
