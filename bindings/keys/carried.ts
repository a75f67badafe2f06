// DEKs that travel with their data: a stream's in its prefix, an envelope's in its wrap. FORMATS §6.
//
// The KEK that wrapped one is named there by its kid: the present one, or an old one. Secret: all keys, all in the core.

import type { Bytes, Out } from '../core/bytes.ts';
import type { Engine } from '../engine/engine.ts';
import type { Id } from '../format/ids.ts';
import { wrapUnderKek } from './kek.ts';
import type { Carried, Kek, OldKek, RoleKey } from './roles.ts';
import { unwrapKey } from './wrap.ts';

/**
 * Lends the KEK of that kid, present or old, for as long as `use` runs (which awaits nothing). ERR_KEY_NOT_FOUND where there
 * is none.
 */
export type LendKek = <T>(kid: Id, use: (kek: Kek | OldKek) => T) => T;

/** The caller disposes it. Errors as of unwrapKey. */
export const unwrapCarried = <R extends Carried>(
  engine: Engine,
  kek: Kek | OldKek,
  role: R,
  wrapped: Bytes,
  at: { keyring: Id; kid: Id },
): RoleKey<R> => unwrapKey<'KEK' | 'OLD_KEK', R>(engine, kek, role, wrapped, at);

/** The DEK out of `wrapped`, wrapped again under the present KEK. */
export function rewrapCarried(
  engine: Engine,
  p: { from: Kek | OldKek; to: Kek; role: Carried; wrapped: Bytes; keyring: Id; kid: Id },
): Out {
  const dek = unwrapCarried(engine, p.from, p.role, p.wrapped, p);
  try {
    return wrapUnderKek(engine, p.to, p.role, dek, p.keyring);
  } finally {
    dek.dispose();
  }
}
