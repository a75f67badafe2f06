// KEK → old KEK: one that another has followed. FORMATS §§4 (body 5), 5 (`old-kek`). It unwraps the DEKs that streams and
// envelopes carry, and nothing else; it wraps nothing any more. Secret: both keys, in the core.

import type { Bytes, Out } from '../core/bytes.ts';
import type { Engine } from '../engine/engine.ts';
import type { Id } from '../format/ids.ts';
import { inRole } from './roles.ts';
import type { Kek, OldKek } from './roles.ts';
import { unwrapKey, wrapKey } from './wrap.ts';

/** COSE_Encrypt0, 123 bytes, of the KEK that `next` follows, or of one that was followed before. */
export const wrapOldKek = (engine: Engine, next: Kek, kek: Kek | OldKek, keyring: Id): Out =>
  wrapKey(engine, next, 'OLD_KEK', inRole('OLD_KEK', kek), keyring);

/** The caller disposes it. Errors as of unwrapKey. */
export const unwrapOldKek = (engine: Engine, kek: Kek, wrapped: Bytes, at: { keyring: Id; kid: Id }): OldKek =>
  unwrapKey(engine, kek, 'OLD_KEK', wrapped, at);
