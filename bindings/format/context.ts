// The context of a sealed thing: authenticated, not stored. FORMATS §5: bytes, or text as its UTF-8; 0 … 65,535 bytes;
// never left out. "a" and its byte are one context.

import { asBytes, utf8 } from '../core/bytes.ts';
import type { Bytes } from '../core/bytes.ts';
import { KeystrataError } from '../core/errors.ts';
import { over } from './fields.ts';

export type Context = string | Bytes;

const MAX_CONTEXT = 65_535;

/** ERR_ARGUMENT where it is neither text nor bytes, ERR_LIMIT where it is longer than 65,535 bytes. */
export function contextBytes(context: Context): Bytes {
  if (context === undefined || context === null)
    throw new KeystrataError(
      'ERR_ARGUMENT',
      'context: say what this belongs to; it may be empty ("") but not left out',
    );
  const bytes = typeof context === 'string' ? utf8(context, 'context') : asBytes(context, 'context');
  if (bytes.length > MAX_CONTEXT) throw over('context', MAX_CONTEXT, 'bytes');
  return bytes;
}
