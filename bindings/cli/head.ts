// As much of a sealed thing as tells what it is, and its size. A stream tells all in its first 143 bytes, whatever its size;
// anything else is read whole, up to the most that a record, an envelope or a document may have (FORMATS §12).

import { concat, type Bytes } from '../core/bytes.ts';
import { KeystrataError } from '../core/errors.ts';
import { isStream, STREAM_PREFIX_LENGTH } from '../format/stream.ts';
import type { Input } from './input.ts';

const MOST = 64 * 1024 * 1024 + 1024;

export interface Head {
  readonly bytes: Bytes;
  /** Of the whole. */
  readonly size: number;
}

/** ERR_FORMAT where there is nothing at all. */
export async function headOf(input: Input): Promise<Head> {
  const chunks: Bytes[] = [];
  let size = 0;
  let kept = 0;
  let stream = false;
  for await (const chunk of input.stream((bytes) => (size += bytes))) {
    if (stream) continue;
    const before = kept;
    chunks.push(chunk);
    kept += chunk.length;
    if (before < STREAM_PREFIX_LENGTH && kept >= STREAM_PREFIX_LENGTH) stream = isStream(concat(...chunks));
    if (stream ? input.size !== null : kept >= MOST) break; // a stream through a pipe is counted to its end
  }
  if (size === 0) throw new KeystrataError('ERR_FORMAT', `${input.name}: empty`);
  return { bytes: concat(...chunks), size: input.size ?? size };
}
