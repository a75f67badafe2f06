// A recovery code at work: typed by somebody, or drawn to be written down. FORMATS §3.

import { still } from '../core/bytes.ts';
import type { Bytes } from '../core/bytes.ts';
import type { Engine } from '../engine/engine.ts';
import { decodeRecoveryCode, encodeRecoveryCode, RECOVERY_SECRET_LENGTH } from '../format/recovery-code.ts';
import type { Slot } from '../format/slot.ts';
import { recoveryMek } from '../keys/recovery.ts';
import type { Mek } from '../keys/roles.ts';
import type { Working } from './progress.ts';
import { freshSalt, type Of, type SlotSecret, type SourceOf } from './slot-secret.ts';

export class RecoverySecret implements SlotSecret {
  readonly type = 'recovery';
  readonly name = 'recovery code';
  readonly #engine: Engine;
  readonly #secret: Bytes;
  #mek: Mek | null = null;

  private constructor(engine: Engine, secret: Bytes) {
    this.#engine = engine;
    this.#secret = secret;
  }

  /** ERR_ARGUMENT says which group is mistyped: the code carries checks, so nothing is asked or derived for that. */
  static read(engine: Engine, code: string): RecoverySecret {
    return new RecoverySecret(engine, decodeRecoveryCode(code));
  }

  static draw(engine: Engine): RecoverySecret {
    const secret = still(RECOVERY_SECRET_LENGTH);
    engine.random(secret);
    return new RecoverySecret(engine, secret);
  }

  /** A string, which cannot be wiped: made once, to be shown once. */
  code(): string {
    return encodeRecoveryCode(this.#secret);
  }

  opens(slot: Slot): boolean {
    return slot.type === this.type;
  }

  source(): SourceOf<'recovery'> {
    return { type: this.type, salt: freshSalt(this.#engine) };
  }

  mek({ id, salt }: Of<'recovery'>, { onProgress }: Working): Promise<Mek> {
    this.#mek?.dispose();
    this.#mek = recoveryMek(this.#engine, this.#secret, { salt, slot: id });
    onProgress?.(1);
    return Promise.resolve(this.#mek);
  }

  dispose(): void {
    this.#mek?.dispose();
    this.#secret.fill(0);
  }
}
