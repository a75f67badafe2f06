// The lost race, in words.

import type { ConflictError } from '../core/errors.ts';
import { conflictError } from '../core/errors.ts';

export function lost(id: string, wanted: string | null, found: string | null): ConflictError {
  const name = JSON.stringify(id);
  if (wanted === null) return conflictError(`${name} is there already: read it, then change what is there`);
  if (found === null) return conflictError(`${name} is not there any more: it was deleted since it was read`);
  return conflictError(
    `${name} was changed since it was read: read it again and apply the change to what is there now`,
  );
}
