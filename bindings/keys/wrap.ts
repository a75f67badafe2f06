// Wrapping one key under another: COSE_Encrypt0 of a COSE_Key, made slot to slot in the core. FORMATS §5.
//
// The engine seals `prefix ‖ 32 key bytes` under a random IV; unwrapping compares the prefix (kty, alg, key_ops, kid,
// length) inside the core before a slot is filled. No key byte passes through JavaScript.

import type { Bytes, Out } from '../core/bytes.ts';
import { KeystrataError, authenticationError } from '../core/errors.ts';
import type { As, Engine } from '../engine/engine.ts';
import type { Key, Purpose } from '../engine/key.ts';
import { coseKeyPrefix } from '../format/cose-key.ts';
import { IV_LENGTH, WRAP, encrypt0, encrypt0Aad, encrypt0Parts } from '../format/cose-encrypt0.ts';
import type { Purpose as Label } from '../format/cose-encrypt0.ts';
import { idBytes, idOf } from '../format/ids.ts';
import type { Id } from '../format/ids.ts';
import { WRAPPED, inRole } from './roles.ts';
import type { RoleKey, Unwrapper, Unwraps, Wrapper, Wraps } from './roles.ts';

const OVER_PREFIX = 48; // 32 key bytes and the tag

/** What a wrap says of the key in it: its label, its COSE_Key up to the key bytes, the keyring. */
interface Binding {
  readonly label: Label;
  readonly prefix: Bytes;
  readonly keyring: Id;
}

/** COSE_Encrypt0 of `prefix ‖ key` under `outer`, bound to the keyring and to the key's own kid. */
export function wrapBound(engine: Engine, outer: Key<'wrap'>, key: Key, { label, prefix, keyring }: Binding): Out {
  const out = encrypt0(WRAP, idBytes(outer.id), prefix.length + OVER_PREFIX);
  const iv = out.subarray(WRAP.ivAt, WRAP.ivAt + IV_LENGTH);
  engine.random(iv);
  const header = out.subarray(WRAP.protectedAt, WRAP.protectedEnd);
  const aad = encrypt0Aad(header, label, idBytes(keyring), idBytes(key.id));
  const sealed = engine.wrap(outer, key, { iv, aad, prefix });
  out.set(sealed, out.length - sealed.length);
  return out;
}

/** … and back: the key `as.id`. The length of `wrapped` is checked: ERR_FORMAT. Else as unwrapKey. */
export function unwrapBound<P extends Purpose>(
  engine: Engine,
  outer: Key<'wrap'>,
  wrapped: Bytes,
  { label, prefix, keyring }: Binding,
  as: As<P>,
): Key<P> {
  const parts = encrypt0Parts(WRAP, wrapped, 'wrapped key');
  if (parts.ciphertext.length !== prefix.length + OVER_PREFIX)
    throw new KeystrataError('ERR_FORMAT', `wrapped key: ${wrapped.length} bytes, which no "${label}" has`);
  if (idOf(parts.kid) !== outer.id)
    throw authenticationError(`wrapped key: key ${idOf(parts.kid)} wrapped it, not ${outer.id}`);
  const aad = encrypt0Aad(parts.protected, label, idBytes(keyring), idBytes(as.id));
  return engine.unwrap(outer, { iv: parts.iv, aad, prefix, sealed: parts.ciphertext }, as);
}

/** `key` under `outer`, bound to the keyring and to its own kid. 123 bytes, or 120 for a key that derives. */
export function wrapKey<O extends Wrapper, R extends Wraps[O]>(
  engine: Engine,
  outer: RoleKey<O>,
  role: R,
  key: NoInfer<RoleKey<R>>,
  keyring: Id,
): Out {
  const { label, ops } = WRAPPED[role];
  return wrapBound(engine, outer, key, { label, prefix: coseKeyPrefix(key.id, ops), keyring });
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
  { keyring, kid }: { keyring: Id; kid: Id },
): RoleKey<R> {
  const { label, ops, purpose } = WRAPPED[role];
  const prefix = coseKeyPrefix(kid, ops);
  return inRole(role, unwrapBound(engine, outer, wrapped, { label, prefix, keyring }, { purpose, id: kid }));
}
