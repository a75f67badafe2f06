// LabeledExtract and LabeledExpand, and DHKEM's ExtractAndExpand. RFC 9180 §4, §4.1.
//
//   LabeledExtract(salt, label, ikm)     = HKDF-Extract(salt, "HPKE-v1" ‖ suite_id ‖ label ‖ ikm)
//   LabeledExpand(prk, label, info, L)   = HKDF-Expand(prk, I2OSP(L, 2) ‖ "HPKE-v1" ‖ suite_id ‖ label ‖ info, L)
//
// The core computes both: a PRK is a key in a slot, and leaves it as keys in slots, or as what the caller says is public.

import { concat, utf8 } from '../core/bytes.ts';
import type { Bytes, Out } from '../core/bytes.ts';
import type { As, Engine } from '../engine/engine.ts';
import type { Key, Purpose } from '../engine/key.ts';

const VERSION = utf8('HPKE-v1', 'label');
const NO_ID = '0'.repeat(32); // of keys that live for one computation
const NOTHING = new Uint8Array(0);
const NSECRET = 32;

export const I2OSP = (n: number): Bytes => Uint8Array.of(n >> 8, n & 255);

const labeled = (suite: Bytes, label: string, rest: Bytes): Out => concat(VERSION, suite, utf8(label, 'label'), rest);

/** A PRK in the core; disposed by the caller. `ikm` may be secret: the joined copy is wiped. */
export function labeledExtract(engine: Engine, suite: Bytes, salt: Bytes, label: string, ikm: Bytes): Key<'derive'> {
  const joined = labeled(suite, label, ikm);
  try {
    return engine.extract({ salt, ikm: joined }, { purpose: 'derive', id: NO_ID });
  } finally {
    joined.fill(0);
  }
}

/** The same of what is public, with an empty salt: HMAC pads it with zeros, so that it is a key of zeros. */
export function labeledHash(engine: Engine, suite: Bytes, label: string, ikm: Bytes): Out {
  const zeros = engine.importKey(new Uint8Array(32), { purpose: 'mac', id: NO_ID });
  try {
    return engine.mac(zeros, labeled(suite, label, ikm));
  } finally {
    zeros.dispose();
  }
}

const infoOf = (suite: Bytes, label: string, info: Bytes, length: number): Out =>
  concat(I2OSP(length), labeled(suite, label, info));

/** The output as bytes. */
export const labeledExpand = (
  engine: Engine,
  suite: Bytes,
  prk: Key<'derive'>,
  label: string,
  info: Bytes,
  length: number,
): Out => engine.expand(prk, { hash: 'SHA-256', info: infoOf(suite, label, info, length), length, keys: [] }).rest;

/** The output as a key of 32 bytes in the core. */
export const labeledExpandKey = <P extends Purpose>(
  engine: Engine,
  suite: Bytes,
  prk: Key<'derive'>,
  label: string,
  info: Bytes,
  as: As<P>,
): Key<P> =>
  engine.expand(prk, {
    hash: 'SHA-256',
    info: infoOf(suite, label, info, 32),
    length: 32,
    keys: [{ at: 0, ...as }],
  }).keys[0]!;

/** §4.1: the shared secret of a DH value, which is wiped here. */
export function extractAndExpand(engine: Engine, kem: number, dh: Out, kemContext: Bytes): Out {
  const suite = concat(utf8('KEM', 'label'), I2OSP(kem));
  try {
    const prk = labeledExtract(engine, suite, NOTHING, 'eae_prk', dh);
    try {
      return labeledExpand(engine, suite, prk, 'shared_secret', kemContext, NSECRET);
    } finally {
      prk.dispose();
    }
  } finally {
    dh.fill(0);
  }
}
