// Symmetric keys as COSE_Key (RFC 9052 §7, RFC 9053 §6.2). FORMATS §§0, 2. k stands last, so that the core can seal
// `prefix ‖ its own 32 bytes` and, on unwrapping, compare the prefix before a slot is filled.
//
//   a5 01 04  02 50 <kid 16>  03 03  04 82 <op> <op>  20 58 20  | k 32     62 bytes, two key ops, alg A256GCM
//   a5 01 04  02 50 <kid 16>  03 05  04 82 09 0a      20 58 20  | k 32     62 bytes, alg HMAC 256/256 (RFC 9053 §3.1)
//   a4 01 04  02 50 <kid 16>         04 81 07         20 58 20  | k 32     59 bytes, derives keys
//
// Comparing the prefix checks kty, alg, key_ops, the kid and the length of k at once. k is secret and never here.

import type { Out } from '../core/bytes.ts';
import { ID_LENGTH, idBytes } from './ids.ts';
import type { Id } from './ids.ts';

/** key_ops, RFC 9052 table 5: 3 encrypt, 4 decrypt, 5 wrap key, 6 unwrap key, 7 derive key, 9 MAC create, 10 MAC verify. */
export type KeyOps = 'seal' | 'wrap' | 'derive' | 'mac';

const KID_AT = 5;
const KTY_AND_KID = [0x01, 0x04, 0x02, 0x50, ...new Uint8Array(ID_LENGTH)] as const; // 1: 4 (Symmetric), 2: bytes (16)
const LENGTH_OF_K = [0x20, 0x58, 0x20] as const; // -1: bytes (32)
const ALG_A256GCM = [0x03, 0x03] as const;
const ALG_HS256 = [0x03, 0x05] as const;
const PREFIX = {
  seal: Uint8Array.of(0xa5, ...KTY_AND_KID, ...ALG_A256GCM, 0x04, 0x82, 0x03, 0x04, ...LENGTH_OF_K),
  wrap: Uint8Array.of(0xa5, ...KTY_AND_KID, ...ALG_A256GCM, 0x04, 0x82, 0x05, 0x06, ...LENGTH_OF_K),
  derive: Uint8Array.of(0xa4, ...KTY_AND_KID, 0x04, 0x81, 0x07, ...LENGTH_OF_K),
  mac: Uint8Array.of(0xa5, ...KTY_AND_KID, ...ALG_HS256, 0x04, 0x82, 0x09, 0x0a, ...LENGTH_OF_K),
} as const;

/** All of the COSE_Key before k: 30 bytes, or 27 for 'derive'. */
export function coseKeyPrefix(kid: Id, ops: KeyOps): Out {
  const prefix = new Uint8Array(PREFIX[ops]);
  prefix.set(idBytes(kid, 'kid'), KID_AT);
  return prefix;
}
