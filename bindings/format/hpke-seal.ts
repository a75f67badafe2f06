// A key sealed to a public key: field 11 of a slot (FORMATS §3), a grant's body (§7).
//
//   CBOR [1, kem, 1 (HKDF-SHA256), 2 (AES-256-GCM), recipient kid 16, enc, ct]
//
//   of a KEK (COSE_Key of 62)               P-256 169   X25519 137   X-Wing 1,227 bytes
//   of an item key, a stream DEK (59)       P-256 166   X25519 134   X-Wing 1,224 bytes
//
// An application's own message (keys/message.ts) has the same form.
//
// Nothing secret. The kid is a hint: the whole fingerprint stands in info.

import type { Bytes, Out } from '../core/bytes.ts';
import { encode } from './cbor.ts';
import { TAG_LENGTH } from './cose-encrypt0.ts';
import { decode } from './cursor.ts';
import { asByteString, asId, asNamed, asTuple, asUint, bad, unknown } from './fields.ts';
import { idBytes } from './ids.ts';
import type { Id } from './ids.ts';
import { KEMS } from './public-key.ts';
import type { PublicKey } from './public-key.ts';

const VERSION = 1;
export const KDF_HKDF_SHA256 = 1; // RFC 9180 §7.2
export const AEAD_AES_256_GCM = 2; // RFC 9180 §7.3

/** Nenc of each KEM: RFC 9180 §7.1, the X-Wing draft §5. */
export const ENC_LENGTHS: Readonly<Record<Exclude<PublicKey['kind'], 'Ed25519'>, number>> = {
  'P-256': 65,
  X25519: 32,
  'X-Wing': 1120,
};

const MAX_KEY = 256; // a COSE_Key and its tag: 75 or 78

export interface HpkeSeal {
  readonly kem: number;
  readonly recipient: Id; // kid
  readonly enc: Bytes;
  readonly ct: Bytes; // with its tag
}

export const encodeHpkeSeal = ({ kem, recipient, enc, ct }: HpkeSeal): Out =>
  encode([VERSION, kem, KDF_HKDF_SHA256, AEAD_AES_256_GCM, idBytes(recipient, 'recipient kid'), enc, ct]);

/** Of a key; of something else, `most` bytes of ciphertext. ERR_FORMAT, ERR_UNSUPPORTED. Views of `bytes`. */
export function decodeHpkeSeal(bytes: Bytes, name = 'sealed key', most = MAX_KEY): HpkeSeal {
  const [version, kem, kdf, aead, recipient, enc, ct] = asTuple(decode(bytes, name), name, 7);
  if (asUint(version, name) !== VERSION) throw unknown(name, 'unknown version');
  const kind = asNamed(kem, `${name}: kem`, KEMS);
  if (kind === 'Ed25519') throw bad(name, 'no KEM');
  if (asUint(kdf, name) !== KDF_HKDF_SHA256) throw unknown(name, 'unknown KDF');
  if (asUint(aead, name) !== AEAD_AES_256_GCM) throw unknown(name, 'unknown AEAD');
  return {
    kem: kem as number,
    recipient: asId(recipient, `${name}: recipient kid`),
    enc: asByteString(enc, `${name}: enc`, ENC_LENGTHS[kind]),
    ct: asByteString(ct, `${name}: ct`, TAG_LENGTH, most),
  };
}
