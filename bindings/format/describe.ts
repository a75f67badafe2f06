import type { Bytes } from '../core/bytes.ts';
import type { Id } from './ids.ts';

export interface Description {
  readonly kind: 'record' | 'envelope' | 'stream' | 'document' | 'grant' | 'post';
  readonly keyId: Id; // the kid it wants: of the DEK (record) or the KEK (the others)
  readonly overhead: number;
}
/** What a sealed thing says of itself, without a key. ERR_FORMAT for anything else. */
export declare const describe: (sealed: Bytes) => Description;
/** The same of a file of `size` bytes of which only the head is at hand: for a stream 143 bytes are enough. */
export declare const describeHead: (head: Bytes, size: number) => Description;
