// keystrata/node: what needs Node.

export { finishRewrap, rewrapFile } from './keyring/rewrap-file.ts';
export { fileStore } from './store/file.ts';
export { fileMemory } from './store/file-memory.ts';
export type { RollbackMemory, Store, Stored } from './store/store.ts';
