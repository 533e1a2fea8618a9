/** The wire protocol of Parley: what server, client and tests share. Imports zod alone. */
export * from './close-codes.ts';
export * from './contracts.ts';
export * from './errors.ts';
export * from './frames.ts';
export * from './guard.ts';
export * from './host.ts';
export * from './ids.ts';
export * from './inbox.ts';
export * from './interviews.ts';
export * from './limits.ts';
export * from './presence.ts';
export * from './requests.ts';
export * from './rooms.ts';
export * from './rtp.ts';
export * from './threads.ts';
export * from './webhooks.ts';
export * from './words.ts';
