/** One command to one Redis server, over a connection of its own. */
import { Redis } from 'ioredis';

export const askRedis = async (port: number, command: string, ...args: (string | number)[]): Promise<unknown> => {
  const client = new Redis({ port, host: '127.0.0.1', maxRetriesPerRequest: 1, lazyConnect: true });
  client.on('error', () => {});
  try {
    await client.connect();
    return await client.call(command, ...args);
  } finally {
    client.disconnect();
  }
};
