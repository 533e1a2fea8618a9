/**
 * Which pages may open sockets. It guards nothing that a token does not guard already, since no cookie rides on a socket; it keeps a
 * token that leaked from being used in somebody else's page, and tells a host platform which of its origins it forgot.
 */
import type { Page } from './uws-socket.ts';

/** Of so many origins that were refused each is told of once; an attacker can make up any number. */
const MOST_TOLD = 100;

export const createOriginCheck = (
  allowed: readonly string[],
  { onRefused }: { onRefused: (origin: string) => void },
): ((page: Page) => boolean) => {
  const named = new Set(allowed);
  const told = new Set<string>();
  return ({ origin, host }) => {
    if (origin === '' || named.has('*') || named.has(origin) || isOwn(origin, host)) return true;
    if (!told.has(origin) && told.size < MOST_TOLD) {
      told.add(origin);
      onRefused(origin);
    }
    return false;
  };
};

/** The scheme is the proxy's to know: whoever ends TLS before Parley leaves only the host. */
const isOwn = (origin: string, host: string): boolean => host !== '' && URL.canParse(origin) && new URL(origin).host === host;
