// keystrata/node: what needs Node.

export { fileStore } from './store/file.ts';
export { fileMemory } from './store/file-memory.ts';
export type { RollbackMemory, Store, Stored } from './store/store.ts';
