/** Structured logs on pino. Message bodies and tokens are never logged: what could carry one is not passed in. */
import { type Logger, pino } from 'pino';
import type { Config } from '../config/index.ts';

export const createLog = ({ level, pretty }: Config['log']): Logger =>
  pino({
    level,
    base: { pid: process.pid },
    redact: ['*.token', '*.resumeToken', '*.participantToken', '*.authorization', '*.body'],
    ...(pretty ? { transport: { target: 'pino-pretty', options: { ignore: 'pid' } } } : {}),
  });
