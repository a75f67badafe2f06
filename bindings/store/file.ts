// A store in a folder, and with it the memory of what was read there, in another.

import * as nodeFs from 'node:fs/promises';
import { platformMemory } from './file-memory.ts';
import { FileStore } from './revisions.ts';
import type { Store } from './store.ts';

/**
 * A store in `folder`, which is made at the first write, for its owner only (0700). Safe between processes and against
 * crashes; needs hard links. What keyrings must not fall back behind is remembered in $KEYSTRATA_MEMORY, else in the
 * platform's folder for data.
 */
export function fileStore(folder: string): Store {
  return new FileStore(folder, nodeFs, platformMemory());
}
