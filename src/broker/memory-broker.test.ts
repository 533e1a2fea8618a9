import { brokerContract } from '../../test/contracts/broker.ts';
import { createMemoryBus } from './memory-broker.ts';

const bus = createMemoryBus();
brokerContract('memory', async () => bus.join());
