// The fingerprint of a public key: RFC 9679 §3, COSE Key Thumbprint with SHA-256. FORMATS §0.
//
//   fp = H(COSE_Key)     written with its required fields alone, in deterministic CBOR: as public-key.ts writes it

import type { Out } from '../core/bytes.ts';
import type { Engine } from '../engine/engine.ts';
import { encodePublicKey } from '../format/public-key.ts';
import type { PublicKey } from '../format/public-key.ts';

/** 32 bytes. The kid is `kidOf` them; comparisons use them whole. */
export const fingerprint = (engine: Engine, key: PublicKey): Out => engine.sha256(encodePublicKey(key));
