// What the threads of a pool say to each other. Answers to batches come in the order of the batches.
//
//   batch buffer   [ IV 12 ‖ AAD …… ‖ text …… (‖ room 16, to seal) ][ IV ‖ AAD ‖ text ][ … ]     copied once, transferred
//                  ^ at of part 0                                    ^ at of part 1
//
// To seal, the text is replaced by ciphertext ‖ tag and the buffer comes back; what was opened comes in buffers of its own.
// Secret: the text, and the 32 bytes of `key`, whose buffer the receiver zeroes. Public: all else.

import type { ErrorCode } from '../core/errors.ts';

export type Way = 'seal' | 'open';

export const IV_LENGTH = 12;
export const TAG_LENGTH = 16;

/** One message of a batch: where it begins, how long AAD and text are. `key`: its number. */
export interface Part {
  way: Way;
  key: number;
  at: number;
  aadLength: number;
  length: number;
}

export const textAt = ({ at, aadLength }: Part): number => at + IV_LENGTH + aadLength;

export type ToWorker =
  | { kind: 'core'; module: WebAssembly.Module } //          the first
  | { kind: 'key'; key: number; bytes: ArrayBuffer } //      of purpose `seal`, and no other
  | { kind: 'drop'; key: number } //                         wipes it
  | { kind: 'batch'; buffer: ArrayBuffer; parts: Part[] }
  | { kind: 'end' }; //                                      wipes all

/** null: sealed in place. */
export type PartResult = null | ArrayBuffer | { code: ErrorCode; message: string };

export type FromWorker = { kind: 'done'; buffer: ArrayBuffer; results: PartResult[] } | { kind: 'ended' };
