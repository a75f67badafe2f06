// Private keys as COSE_Key (RFC 9053 §7.1, §7.2). FORMATS §0. The 32 secret bytes stand last, so that the core can seal
// `prefix ‖ its own 32 bytes` and, on unwrapping, compare the prefix before a slot is filled (cose-key.ts).
//
//   P-256             a4 01 02  02 50 <kid 16>  20 <01>     23 58 20  | d 32       { 1: EC2, 2: kid, -1: 1, -4: d }       58 bytes
//   X25519, Ed25519   a4 01 01  02 50 <kid 16>  20 <04, 06> 23 58 20  | d 32       { 1: OKP, 2: kid, -1: crv, -4: d }     58 bytes
//   X-Wing            a4 01 07  02 50 <kid 16>  03 3a 00 01 00 00 21 58 20 | seed  { 1: AKP, 2: kid, 3: -65537, -2 }      62 bytes
//
// The public key is not in it: it is computed, and compared with the recorded one. d and the seed are secret and never here.

import { concat } from '../core/bytes.ts';
import type { Out } from '../core/bytes.ts';
import { idBytes } from './ids.ts';
import type { Id } from './ids.ts';
import type { PublicKey } from './public-key.ts';

const KID = [0x02, 0x50] as const; //                                        2: bytes (16)
const D = [0x23, 0x58, 0x20] as const; //                                   -4: bytes (32)
const XWING = [0x03, 0x3a, 0x00, 0x01, 0x00, 0x00, 0x21, 0x58, 0x20]; //     3: -65537, -2: bytes (32)

const BEHIND_KID: Readonly<Record<PublicKey['kind'], readonly number[]>> = {
  'P-256': [0x20, 0x01, ...D], // -1: 1
  X25519: [0x20, 0x04, ...D],
  Ed25519: [0x20, 0x06, ...D],
  'X-Wing': XWING,
};
const KTY: Readonly<Record<PublicKey['kind'], number>> = { 'P-256': 2, X25519: 1, Ed25519: 1, 'X-Wing': 7 };

export const SECRET_LENGTH = 32; // d, or the seed

/** All of the private COSE_Key before its secret: 26 bytes, or 30 (X-Wing). */
export const privateKeyPrefix = (kind: PublicKey['kind'], kid: Id): Out =>
  concat(Uint8Array.of(0xa4, 0x01, KTY[kind], ...KID), idBytes(kid, 'kid'), Uint8Array.from(BEHIND_KID[kind]));
