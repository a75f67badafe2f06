// keystrata/core: the smallest entry. Synchronous primitives over one WebAssembly instance, without a dependency.

export { loadCore } from './load.ts';
export { AuthenticationError, ConflictError, KeystrataError, WrongSecretError } from './errors.ts';
export type { ErrorCode } from './errors.ts';
export type { Bytes, Out } from './bytes.ts';
export type { Cipher, Core, CoreOptions, Variant } from './types.ts';
