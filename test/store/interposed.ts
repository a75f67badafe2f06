// A filesystem that asks `before` ahead of every call to the system, and `after` behind it: to count, to fail, to pause, to die.

import * as fs from 'node:fs/promises';
import type { FileSystem } from '../../bindings/store/folder.ts';

const CALLS = [
  'open',
  'readdir',
  'link',
  'rename',
  'unlink',
  'mkdir',
  'stat',
  'realpath',
  'writeFile',
  'write',
  'read',
  'sync',
  'close',
  'chmod',
];

type Hook = (call: string, path: string) => void | Promise<void>;

function interposedOn<T extends object>(target: T, before: Hook, after: Hook): T {
  return new Proxy(target, {
    get(object, key) {
      const value: unknown = Reflect.get(object, key, object);
      if (typeof value !== 'function' || !CALLS.includes(String(key))) return value;
      return async (...given: unknown[]) => {
        const path = typeof given[0] === 'string' ? given[0] : '';
        if (key === 'close')
          await (object as unknown as fs.FileHandle).close().finally(() => before('close', '')); // a close that fails has closed
        else await before(String(key), path);
        const result: unknown =
          key === 'close' ? undefined : await (value as (...all: unknown[]) => unknown).apply(object, given);
        await after(String(key), path);
        return key === 'open' ? interposedOn(result as fs.FileHandle, before, after) : result;
      };
    },
  });
}

/** node:fs/promises with hooks. */
export function interposed(before: Hook, after: Hook = () => undefined): FileSystem {
  return interposedOn({ ...fs }, before, after);
}
