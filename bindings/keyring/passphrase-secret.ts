// A passphrase at work: its HMAC midstates in the core, from which it derives for one slot after the other. FORMATS §3, type 1.

import type { Engine, Password } from '../engine/engine.ts';
import type { Slot, SlotSource } from '../format/slot.ts';
import { passphraseMek, takePassphrase, type Passphrase } from '../keys/passphrase.ts';
import type { Mek } from '../keys/roles.ts';
import type { Working } from './progress.ts';
import { freshSalt, type Of, type SlotSecret } from './slot-secret.ts';

export class PassphraseSecret implements SlotSecret {
  readonly type = 'passphrase';
  readonly name = 'passphrase';
  readonly #engine: Engine;
  readonly #password: Password;
  #mek: Mek | null = null;

  constructor(engine: Engine, passphrase: Passphrase) {
    this.#engine = engine;
    this.#password = takePassphrase(engine, passphrase);
  }

  opens(slot: Slot): boolean {
    return slot.type === this.type;
  }

  source(iterations: number): SlotSource {
    return { type: this.type, salt: freshSalt(this.#engine), iterations };
  }

  async mek({ id, salt, iterations }: Of<'passphrase' | 'pin'>, work: Working): Promise<Mek> {
    this.#mek?.dispose();
    this.#mek = await passphraseMek(this.#password, { salt, iterations, slot: id, ...work });
    return this.#mek;
  }

  dispose(): void {
    this.#mek?.dispose();
    this.#password.dispose();
  }
}
