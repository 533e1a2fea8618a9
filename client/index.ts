/** The SDK: `createClient`, and the types it speaks. Interviews are an entry of their own (interviews/index.ts). */
export { createClient } from './client.ts';
export { type Clock, type Environment, systemClock } from './clock.ts';
export { memoryStorage, webStorage } from './storage.ts';
export type * from './types.ts';
