// Cobblestone-256, c2sp.org/chunked-encryption, by the book and slowly, on nothing but the engine: the model for the format.

import { concat, equal, still, type Bytes } from '../../bindings/core/bytes.ts';
import { authenticationError } from '../../bindings/core/errors.ts';
import type { Engine } from '../../bindings/engine/engine.ts';
import type { Key } from '../../bindings/engine/key.ts';
import { ascii } from '../vectors/hex.ts';

export const CHUNK = 16_384;
const TAG = 16;
const SALT = 24;
const COMMITMENT = 32;
const HEADER = SALT + COMMITMENT;
const LABEL = ascii('c2sp.org/chunked-encryption@v1+AEAD_AES_256_GCM\0');
const NONE = still(0);

interface Stream {
  key: Key<'seal'>;
  nonce: Bytes;
  commitment: Bytes;
}

function begin(engine: Engine, dek: Key<'derive'>, salt: Bytes, context: Bytes): Stream {
  const { keys, rest } = engine.expand(dek, {
    hash: 'SHA-512',
    info: concat(LABEL, salt, context),
    length: 76,
    keys: [{ purpose: 'seal', id: '00'.repeat(16), at: 0 }],
  });
  return { key: keys[0]!, nonce: rest.subarray(0, 12), commitment: rest.subarray(12) };
}

/** base_nonce XOR i, big-endian, right-aligned. */
function nonceOf(base: Bytes, i: number): Bytes {
  const nonce = Uint8Array.from(base);
  for (let byte = 11, left = i; left > 0; byte--, left = Math.floor(left / 256)) nonce[byte]! ^= left % 256;
  return nonce;
}

export async function seal(
  engine: Engine,
  dek: Key<'derive'>,
  salt: Bytes,
  context: Bytes,
  message: Bytes,
): Promise<Bytes> {
  const { key, nonce, commitment } = begin(engine, dek, salt, context);
  const chunks: Bytes[] = [];
  for (let i = 0; i <= Math.floor(message.length / CHUNK); i++) {
    const chunk = message.subarray(i * CHUNK, (i + 1) * CHUNK);
    const out = still(chunk.length + TAG);
    await engine.seal(key, chunk, { iv: nonceOf(nonce, i), aad: NONE, out });
    chunks.push(out);
  }
  key.dispose();
  return concat(salt, commitment, ...chunks);
}

/** Gives each chunk to `take` when it is verified; throws where something is not as it should be. */
export async function open(
  engine: Engine,
  dek: Key<'derive'>,
  context: Bytes,
  sealed: Bytes,
  take: (chunk: Bytes) => void,
): Promise<void> {
  if (sealed.length < HEADER) throw authenticationError();
  const { key, nonce, commitment } = begin(engine, dek, sealed.subarray(0, SALT), context);
  try {
    if (!equal(commitment, sealed.subarray(SALT, HEADER))) throw authenticationError();
    const body = sealed.subarray(HEADER);
    const full = Math.floor(body.length / (CHUNK + TAG));
    for (let i = 0; i <= full; i++) {
      const chunk = body.subarray(i * (CHUNK + TAG), (i + 1) * (CHUNK + TAG));
      take(await engine.open(key, chunk, { iv: nonceOf(nonce, i), aad: NONE }));
    }
  } finally {
    key.dispose();
  }
}
