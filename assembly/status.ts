// What a call answers: at least 0 where it worked. The same numbers stand in bindings/core/abi.ts.

export const OK: i32 = 0;
export const RANGE: i32 = -1; //    an address or a length outside the I/O region, or a number out of its range
export const SLOT: i32 = -2; //     no such slot or job, or its state does not allow the call
export const STATE: i32 = -3; //    called out of order
export const FULL: i32 = -4; //     no slot or job is free
export const BAD_TAG: i32 = -5; //  the tag is wrong
export const LIMIT: i32 = -6; //    a limit of the standard
export const MISMATCH: i32 = -7; // the unwrapped prefix is not the expected one
