// keystrata/node: what needs Node.

export { fileStore } from './store/file.ts';
export type { Store, Stored } from './store/store.ts';
