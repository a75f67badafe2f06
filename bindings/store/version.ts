// A version for a store that draws its own: 128 random bits, so none comes twice, wherever the store was put back to.

import { hex, still } from '../core/bytes.ts';

const LENGTH = 16;

/** 32 hex digits. Opaque, not secret. */
export function freshVersion(): string {
  const bytes = still(LENGTH);
  globalThis.crypto.getRandomValues(bytes);
  return hex(bytes);
}
