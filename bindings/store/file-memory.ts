// The rollback memory of a device, in files: one folder for all stores and owners. FORMATS §11.
//
//   <folder>/<first 2 digits of the id>/<id>.<n>        written as the file store writes: conditionally, on the disk

import envPaths from 'env-paths';
import { join, resolve } from 'node:path';
import { KeystrataError } from '../core/errors.ts';
import { systemCode } from './failure.ts';
import { memoryStore } from './memory.ts';
import { FileStore } from './revisions.ts';
import type { RollbackMemory } from './store.ts';

/** Of the folders that entries are spread over: looking into one takes time in proportion to what is in it. */
const SHARD = 2;

/** In `folder`, which is made at the first write, for its owner only. Processes may share it. */
export function fileMemory(folder: string): RollbackMemory {
  if (typeof folder !== 'string' || folder === '')
    throw new KeystrataError('ERR_ARGUMENT', 'folder: the path of a folder is wanted');
  const root = resolve(folder);
  const shard = (id: string): string => join(root, id.slice(0, SHARD));
  return {
    get: (id) => new FileStore(shard(id)).get(id),
    put: (id, bytes, p) => new FileStore(shard(id)).put(id, bytes, p),
    where: (id) => join(shard(id), `${id}.*`),
  };
}

/** What the system says where this person may have no such folder: a service without a home, a container that is read-only. */
const NO_PLACE = new Set(['EACCES', 'EPERM', 'EROFS', 'ENOENT', 'ENOTDIR']);

const hasNoPlace = (error: unknown): boolean =>
  KeystrataError.is(error, 'ERR_STORE') && NO_PLACE.has(systemCode((error as Error).cause));

/**
 * $KEYSTRATA_MEMORY, which must work; else the platform's folder for data, as far as there may be one: where there may not,
 * the memory lasts as long as the process.
 */
export function platformMemory(): RollbackMemory {
  const given = process.env['KEYSTRATA_MEMORY'];
  return given ? fileMemory(given) : orOfProcess(fileMemory(envPaths('keystrata-memory', { suffix: '' }).data));
}

const OF_PROCESS = memoryStore();

function orOfProcess(files: RollbackMemory): RollbackMemory {
  let homeless = false;
  const attempt = async <T>(work: (memory: RollbackMemory) => Promise<T>): Promise<T> => {
    if (homeless) return work(OF_PROCESS);
    try {
      return await work(files);
    } catch (error) {
      if (!hasNoPlace(error)) throw error;
      homeless = true;
      return work(OF_PROCESS);
    }
  };
  return {
    get: (id) => attempt((memory) => memory.get(id)),
    put: (id, bytes, p) => attempt((memory) => memory.put(id, bytes, p)),
    where: (id) => (homeless ? 'this process' : files.where!(id)),
  };
}
