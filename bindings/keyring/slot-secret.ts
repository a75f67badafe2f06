// A secret, taken into the core at once, gives the MEK of a slot. FORMATS §3, the table of types.

import { still, type Out } from '../core/bytes.ts';
import type { Engine, Password } from '../engine/engine.ts';
import type { Id } from '../format/ids.ts';
import { SALT_LENGTH, type Slot, type SlotSource, type SlotType } from '../format/slot.ts';
import { operatorMek } from '../keys/operator.ts';
import { passphraseMek, takePassphrase, type Passphrase } from '../keys/passphrase.ts';
import type { Mek } from '../keys/roles.ts';
import { asId } from './arguments.ts';
import type { Working } from './progress.ts';

/** Holds a secret until `dispose`. The MEK it gives is its own too, and lives until the next one or `dispose`. */
export interface SlotSecret {
  readonly type: SlotType;
  /** "passphrase", "operator key 00…": for messages. */
  readonly name: string;
  opens(slot: Slot): boolean;
  /** The part of a new slot that says how its MEK is made; a salt is drawn, iterations are taken where there are such. */
  source(iterations: number): SlotSource;
  mek(slot: { readonly id: Id } & SlotSource, work: Working): Promise<Mek>;
  dispose(): void;
}

/** 32 bytes, which are public. */
export function freshSalt(engine: Engine): Out {
  const salt = still(SALT_LENGTH);
  engine.random(salt);
  return salt;
}

type PassphraseSource = Extract<SlotSource, { type: 'passphrase' | 'pin' }>;

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

  source(iterations: number): PassphraseSource {
    return { type: this.type, salt: freshSalt(this.#engine), iterations };
  }

  async mek({ id, salt, iterations }: { readonly id: Id } & PassphraseSource, work: Working): Promise<Mek> {
    this.#mek?.dispose();
    this.#mek = await passphraseMek(this.#password, { salt, iterations, slot: id, ...work });
    return this.#mek;
  }

  dispose(): void {
    this.#mek?.dispose();
    this.#password.dispose();
  }
}

export class OperatorSecret implements SlotSecret {
  readonly type = 'operator';
  readonly name: string;
  readonly #operatorKey: Id;
  readonly #mek: Mek;

  constructor(engine: Engine, key: Uint8Array, id: string) {
    this.#operatorKey = asId(id, 'operatorKeyId');
    this.name = `operator key ${this.#operatorKey}`;
    this.#mek = operatorMek(engine, key, this.#operatorKey);
  }

  opens(slot: Slot): boolean {
    return slot.type === this.type && slot.operatorKey === this.#operatorKey;
  }

  source(): SlotSource {
    return { type: this.type, operatorKey: this.#operatorKey };
  }

  mek(_slot: unknown, { onProgress }: Working): Promise<Mek> {
    onProgress?.(1);
    return Promise.resolve(this.#mek);
  }

  dispose(): void {
    this.#mek.dispose();
  }
}
