// A secret, taken into the core at once, gives the MEK of a slot. FORMATS §3, the table of types.

import { still } from '../core/bytes.ts';
import { KeystrataError } from '../core/errors.ts';
import type { Engine, Password } from '../engine/engine.ts';
import type { Id } from '../format/ids.ts';
import type { Slot, SlotSource, SlotType } from '../format/slot.ts';
import { operatorMek } from '../keys/operator.ts';
import { passphraseMek, takePassphrase, type Passphrase } from '../keys/passphrase.ts';
import type { Mek } from '../keys/roles.ts';
import { asId } from './arguments.ts';
import type { Working } from './progress.ts';
import type { Secret } from './types.ts';

const SALT = 32;

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
    const salt = still(SALT);
    this.#engine.random(salt);
    return { type: this.type, salt, iterations };
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

class OperatorSecret implements SlotSecret {
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

/** What each kind of secret is told by, and what takes it: null where its slots are not opened. */
const KINDS: readonly (readonly [field: string, take: ((engine: Engine, p: never) => SlotSecret) | null])[] = [
  ['passphrase', (engine, p: { passphrase: Passphrase }) => new PassphraseSecret(engine, p.passphrase)],
  [
    'operatorKey',
    (engine, p: { operatorKey: Uint8Array; operatorKeyId: string }) =>
      new OperatorSecret(engine, p.operatorKey, p.operatorKeyId),
  ],
  ['recoveryCode', null],
  ['pin', null],
  ['prf', null],
  ['escrowKey', null],
];

/** ERR_ARGUMENT where there is no secret or more than one, ERR_UNSUPPORTED where this version cannot open its slots. */
export function takeSecret(engine: Engine, secret: Secret): SlotSecret {
  const given = KINDS.filter(([field]) => (secret as Record<string, unknown>)[field] !== undefined);
  if (given.length !== 1)
    throw new KeystrataError(
      'ERR_ARGUMENT',
      given.length === 0
        ? 'no secret was given: a passphrase is wanted, or an operatorKey with its operatorKeyId'
        : `one secret is wanted, not ${given.map(([field]) => field).join(' and ')}`,
    );
  const [field, take] = given[0]!;
  if (take === null) throw new KeystrataError('ERR_UNSUPPORTED', `${field}: this version opens no such slots`);
  return take(engine, secret as never);
}
