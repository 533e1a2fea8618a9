// Redis, PostgreSQL, a TURN server, and what makes networks with firewalls, for the tests: those that are installed, or Debian's packages. The tests
// start their own servers on free ports and stop them; no service is touched.
import { globSync } from 'node:fs';
import { needPackages } from './apt.mjs';
import { onPath } from './shell.mjs';

const ENGINES = [
  { package: 'redis-server', isHere: () => onPath('redis-server') },
  // Debian keeps the server's programs out of PATH, by version.
  { package: 'postgresql', isHere: () => onPath('initdb') || globSync('/usr/lib/postgresql/*/bin/initdb').length > 0 },
  { package: 'coturn', isHere: () => onPath('turnserver') },
  { package: 'openssl', isHere: () => onPath('openssl') },
  { package: 'iproute2', isHere: () => onPath('ip'), isOptional: process.platform !== 'linux' },
  { package: 'nftables', isHere: () => onPath('nft'), isOptional: process.platform !== 'linux' },
];

/** Makes sure of what the tests of several nodes run on. */
export async function enginesStep(steps) {
  const missing = ENGINES.filter(({ isHere, isOptional }) => !isHere() && !isOptional).map((engine) => engine.package);
  if (missing.length === 0) return 'installed';
  await needPackages(missing, 'run the tests', steps);
  return 'installed';
}
