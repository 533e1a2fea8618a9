/** The probe behind `parley health`: containers have no other program to ask the server with. */
import type { Config } from '../config/index.ts';

/** A server that does not answer by then is not well. */
const TIMEOUT_MS = 3_000;

const EVERY_INTERFACE = ['0.0.0.0', '::'];

/** Asks the server that listens with these settings on this host. Does not throw: no answer is an answer. */
export const askHealth = async (
  { host, port: mainPort, operationsPort }: Pick<Config['http'], 'host' | 'port' | 'operationsPort'>,
  path: '/healthz' | '/readyz',
): Promise<{ ok: boolean; answer: string }> => {
  const port = operationsPort ?? mainPort;
  const address = EVERY_INTERFACE.includes(host) ? 'localhost' : host.includes(':') ? `[${host}]` : host;
  try {
    const response = await fetch(`http://${address}:${port}${path}`, { signal: AbortSignal.timeout(TIMEOUT_MS) });
    return { ok: response.ok, answer: await response.text() };
  } catch (error) {
    const { cause, message } = error as Error;
    return { ok: false, answer: `no answer at ${address}:${port}: ${cause instanceof Error ? cause.message : message}` };
  }
};
