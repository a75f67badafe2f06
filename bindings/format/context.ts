import type { Bytes } from '../core/bytes.ts';

export type Context = string | Bytes;
/** Bytes as they are, text as its UTF-8; 0 … 65,535 bytes. ERR_ARGUMENT where it is neither, ERR_LIMIT where it is longer. */
export declare const contextBytes: (context: Context) => Bytes;
