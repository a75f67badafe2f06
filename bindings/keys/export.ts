// The one way by which key bytes leave the core, and they are the caller's to wipe. A test lets nobody else near it.

import type { Out } from '../core/bytes.ts';
import type { Engine } from '../engine/engine.ts';
import type { Key } from '../engine/key.ts';
import type { RecordDek, StretchedPin } from './roles.ts';

/** The 32 secret bytes of a DEK, for moving it to another system. Wipe them (`fill(0)`) as soon as they are there. */
export const exportSecretDek = (engine: Engine, dek: RecordDek): Out => engine.exportSecretBytes(dek);

/** Lends the 32 secret bytes of a private key to `work`, which must not keep them: the curves are computed outside the core. */
export function withSecretBytes<T>(engine: Engine, key: Key<'agree' | 'sign'>, work: (secret: Out) => T): T {
  const secret = engine.exportSecretBytes(key);
  try {
    return work(secret);
  } finally {
    secret.fill(0);
  }
}
/** What PBKDF2 made of a PIN, for the device's MAC (pin.ts). Wipe it as soon as that is made. */
export const exportStretchedPin = (engine: Engine, pin: StretchedPin): Out => engine.exportSecretBytes(pin);
