/**
 * The SDK: `createClient`, and the types it speaks. It runs in browsers, Node and React Native: messaging needs a
 * WebSocket, timers and `crypto.getRandomValues`, no DOM. Interviews are an entry of their own (interviews/index.ts).
 */
export { type Part, partsOf } from '../protocol/parts.ts';
export { createClient } from './client.ts';
export { type Clock, type Environment, systemClock } from './clock.ts';
export { memoryStorage, webStorage } from './storage.ts';
export type * from './types.ts';
