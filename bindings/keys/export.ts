// The one way by which key bytes leave the core, and they are the caller's to wipe. A test lets nobody else near it.

import type { Out } from '../core/bytes.ts';
import type { Engine } from '../engine/engine.ts';
import type { RecordDek } from './roles.ts';

/** The 32 secret bytes of a DEK, for moving it to another system. Wipe them (`fill(0)`) as soon as they are there. */
export const exportSecretDek = (engine: Engine, dek: RecordDek): Out => engine.exportSecretBytes(dek);
