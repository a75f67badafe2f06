// What the module exports, no more: bindings/core/abi.ts has the types. No imports, no allocator, no start function.

export const ABI: i32 = 1;
/** 0 scalar, 1 simd, 2 relaxed. */
export const VARIANT: i32 = <i32>ASC_FEATURE_SIMD + <i32>ASC_FEATURE_RELAXED_SIMD;

export { IO, IO_LENGTH, SLOTS, JOBS, wipeAll as wipe } from './memory';
export { keyAllocate, keyAddress, keyLoad, keyExport, keyFree } from './keys';
export { sha256Begin, sha256Update, sha256Finish, sha512Begin, sha512Update, sha512Finish } from './hash';
export { hmacSha256Begin, hmacSha256BeginSlot, hmacSha256Finish, hmacSha256FinishSlot } from './hmac';
export { hmacSha512Begin, hmacSha512BeginSlot, hmacSha512Finish } from './hmac';
export { hkdfBegin, hkdfNext, hkdfDone, hkdfKey, hkdfBytes, hkdfEnd } from './hkdf';
export { pbkdf2Begin, pbkdf2Salt, pbkdf2Block, pbkdf2Step, pbkdf2Key, pbkdf2Bytes, pbkdf2End } from './pbkdf2';
export { gcmBegin, gcmIv, gcmAad, gcmEncrypt, gcmDecrypt, gcmTag, gcmVerify, gcmEnd, gcmSeal, gcmOpen } from './gcm';
export { aesEncryptBlocks } from './gcm';
export { wrapKey, unwrapKey } from './wrap';
