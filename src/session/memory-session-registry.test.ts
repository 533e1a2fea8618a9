import { CONTRACT_LEASES, sessionRegistryContract } from '../../test/contracts/session-registry.ts';
import { systemClock } from '../clock.ts';
import { createMemorySessionBus } from './memory-session-registry.ts';

const bus = createMemorySessionBus({ clock: systemClock, leases: CONTRACT_LEASES });
sessionRegistryContract('memory', async (nodeId) => bus.join(nodeId));
