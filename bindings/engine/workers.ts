// What an engine with workers needs, and no other: a part of the bundle by itself.

export { PoolBulk } from './pool-bulk.ts';
export { threads } from './pool-thread.ts';
