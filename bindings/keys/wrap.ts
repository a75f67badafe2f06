// Wrapping one key under another: COSE_Encrypt0 of a COSE_Key, made slot to slot in the core. FORMATS §5.
//
// The engine seals `prefix ‖ 32 key bytes` under a random IV; unwrapping compares the prefix (kty, alg, key_ops, kid,
// length) inside the core before a slot is filled. No key byte passes through JavaScript.

import type { Bytes, Out } from '../core/bytes.ts';
import { KeystrataError, authenticationError } from '../core/errors.ts';
import type { Engine } from '../engine/engine.ts';
import { coseKeyPrefix } from '../format/cose-key.ts';
import {
  IV_LENGTH,
  WRAP,
  WRAPPED_DERIVE_LENGTH,
  WRAPPED_LENGTH,
  encrypt0,
  encrypt0Aad,
  encrypt0Parts,
} from '../format/cose-encrypt0.ts';
import { idBytes, idOf } from '../format/ids.ts';
import type { Id } from '../format/ids.ts';
import { WRAPPED, inRole } from './roles.ts';
import type { RoleKey, Unwrapper, Unwraps, Wrapper, Wraps } from './roles.ts';

const OVER_PREFIX = 48; // 32 key bytes and the tag

/** `key` under `outer`, bound to the keyring and to its own kid. 123 bytes, or 120 for a key that derives. */
export function wrapKey<O extends Wrapper, R extends Wraps[O]>(
  engine: Engine,
  outer: RoleKey<O>,
  role: R,
  key: NoInfer<RoleKey<R>>,
  keyring: Id,
): Out {
  const { label, ops } = WRAPPED[role];
  const prefix = coseKeyPrefix(key.id, ops);
  const out = encrypt0(WRAP, idBytes(outer.id), prefix.length + OVER_PREFIX);
  const iv = out.subarray(WRAP.ivAt, WRAP.ivAt + IV_LENGTH);
  engine.random(iv);
  const header = out.subarray(WRAP.protectedAt, WRAP.protectedEnd);
  const aad = encrypt0Aad(header, label, idBytes(keyring), idBytes(key.id));
  const sealed = engine.wrap(outer, key, { iv, aad, prefix });
  out.set(sealed, out.length - sealed.length);
  return out;
}

/**
 * The key `kid` out of `wrapped`. ERR_FORMAT or ERR_UNSUPPORTED where it is no such wrap; AuthenticationError where it
 * names another wrapping key, or was altered, or is bound to something else.
 */
export function unwrapKey<O extends Unwrapper, R extends Unwraps[O]>(
  engine: Engine,
  outer: RoleKey<O>,
  role: R,
  wrapped: Bytes,
  at: { keyring: Id; kid: Id },
): RoleKey<R> {
  const { label, ops, purpose } = WRAPPED[role];
  const parts = encrypt0Parts(WRAP, wrapped, 'wrapped key');
  if (wrapped.length !== (ops === 'derive' ? WRAPPED_DERIVE_LENGTH : WRAPPED_LENGTH))
    throw new KeystrataError('ERR_FORMAT', `wrapped key: ${wrapped.length} bytes, which no ${role} has`);
  if (idOf(parts.kid) !== outer.id)
    throw authenticationError(`wrapped key: key ${idOf(parts.kid)} wrapped it, not ${outer.id}`);
  const aad = encrypt0Aad(parts.protected, label, idBytes(at.keyring), idBytes(at.kid));
  const prefix = coseKeyPrefix(at.kid, ops);
  return inRole(
    role,
    engine.unwrap(outer, { iv: parts.iv, aad, prefix, sealed: parts.ciphertext }, { purpose, id: at.kid }),
  );
}
