// keystrata/slim: keystrata/core without a .wasm in it. The module is given: for Cloudflare workers, strict CSP, own loaders.

export { loadGivenCore as loadCore } from './core/given.ts';
export { AuthenticationError, ConflictError, KeystrataError, WrongSecretError } from './core/errors.ts';
export type { ErrorCode } from './core/errors.ts';
export type { Bytes, Out } from './core/bytes.ts';
export type { GivenOptions as CoreOptions } from './core/given.ts';
export type { Cipher, Core, Variant } from './core/types.ts';
