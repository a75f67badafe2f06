// Where wide AES works. SHARED comes first: processors compare the low 12 bits of addresses only, and what is loaded
// should not look like what was stored just before (4096 bytes apart).
import { SCRATCH } from './memory';

export const WIDE_KEY: usize = 512; //             bytes of a wide round key
export const SHARED: usize = SCRATCH; //           512   masks of the bytes that all blocks share
export const STATE: usize = SHARED + 512; //       2048
export const SHIFTED: usize = STATE + 2048; //     2048  the state behind SubBytes and ShiftRows
export const KEY_STREAM: usize = SHIFTED + 2048; //  2048
export const WIDE_SCRATCH_LENGTH: usize = 512 + 2048 + 2048 + 2048;
