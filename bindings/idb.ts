// keystrata/idb: keyrings in the browser, by IndexedDB.

export { indexedDbMemory, indexedDbStore } from './store/indexed-db.ts';
export type { RollbackMemory, Store, Stored } from './store/store.ts';
