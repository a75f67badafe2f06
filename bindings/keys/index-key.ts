// Index key → index: equal values have equal indexes, and nobody without the key can tell which value an index stands for.
// FORMATS §6. HMAC-SHA256 (FIPS 198-1), the leftmost bytes of it (SP 800-107 Rev. 1 §5.1).
//
// Secret: the index key, in the core; the value. Public: the index.

import { concat } from '../core/bytes.ts';
import type { Out } from '../core/bytes.ts';
import type { Engine } from '../engine/engine.ts';
import { indexInput } from '../format/index-input.ts';
import type { Indexed } from '../format/index-input.ts';
import type { IndexKey } from './roles.ts';

/** `length` bytes, at most 32. */
export function indexOf(engine: Engine, key: IndexKey, indexed: Indexed, length: number): Out {
  const input = indexInput(indexed);
  try {
    return concat(engine.mac(key, input).subarray(0, length));
  } finally {
    input.fill(0);
  }
}
