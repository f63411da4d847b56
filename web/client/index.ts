// The client of a Tallycast node: no page of ours, no framework, no dependency.
export { Client, type Hearing, type Options } from './client.ts';
export { backOff } from './pace.ts';
export { isWaiting, type Vote } from './outbox.ts';
export { seen } from './seen.ts';
export type * from './types.ts';
export { browserWorld, type World } from './world.ts';
