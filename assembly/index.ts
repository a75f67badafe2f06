// What the module exports, no more: bindings/core/abi.ts has the types. No imports, no allocator, no start function.

export const ABI: i32 = 1;
/** 0 scalar, 1 simd, 2 relaxed. */
export const VARIANT: i32 = <i32>ASC_FEATURE_SIMD + <i32>ASC_FEATURE_RELAXED_SIMD;

export { IO, IO_LENGTH, SLOTS, JOBS, wipeAll as wipe } from './memory';
export { keyAllocate, keyAddress, keyLoad, keyExport, keyFree } from './keys';
