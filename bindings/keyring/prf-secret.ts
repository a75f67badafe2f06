// A passkey's PRF output at work. FORMATS §3, type 4. An output is for one salt: that of the slot it opens, or, where it makes
// a slot, the one that slots.preparePrf() drew.

import { asBytes, concat, equal, type Bytes } from '../core/bytes.ts';
import { KeystrataError } from '../core/errors.ts';
import type { Engine } from '../engine/engine.ts';
import { MAX_CREDENTIAL, SALT_LENGTH, type Slot, type SlotSource } from '../format/slot.ts';
import { prfMek } from '../keys/prf.ts';
import type { Mek } from '../keys/roles.ts';
import type { Working } from './progress.ts';
import type { Of, SlotSecret } from './slot-secret.ts';

const wanted = (what: string): KeystrataError => new KeystrataError('ERR_ARGUMENT', what);

export class PrfSecret implements SlotSecret {
  readonly type = 'prf';
  readonly name = 'passkey';
  readonly #output: Bytes;
  readonly #credential: Bytes | undefined;
  readonly #salt: Bytes | undefined;
  readonly #engine: Engine;
  #mek: Mek | null = null;

  constructor(engine: Engine, p: { prf: Bytes; credentialId?: Bytes | undefined; salt?: Bytes | undefined }) {
    const { prf, credentialId, salt } = p;
    if (credentialId !== undefined) {
      const { length } = asBytes(credentialId, 'credentialId');
      if (length < 1 || length > MAX_CREDENTIAL)
        throw wanted(`credentialId: 1 to ${MAX_CREDENTIAL} bytes are wanted, not ${length}`);
      this.#credential = concat(credentialId);
    }
    if (salt !== undefined) {
      if (asBytes(salt, 'salt').length !== SALT_LENGTH)
        throw wanted(`salt: the ${SALT_LENGTH} bytes that prf was evaluated for are wanted, not ${salt.length}`);
      this.#salt = concat(salt);
    }
    prfMek(engine, prf, '').dispose(); // refused at the door where it is none
    this.#engine = engine;
    this.#output = concat(prf);
  }

  opens(slot: Slot): boolean {
    if (slot.type !== this.type) return false;
    return (
      (this.#credential === undefined || equal(slot.credential, this.#credential)) &&
      (this.#salt === undefined || equal(slot.salt, this.#salt))
    );
  }

  source(): SlotSource {
    if (this.#credential === undefined || this.#salt === undefined)
      throw wanted(
        'prf: to make a slot, credentialId and salt are wanted too: evaluate the passkey for the salt of slots.preparePrf()',
      );
    return { type: this.type, salt: this.#salt, credential: this.#credential };
  }

  mek({ id }: Of<'prf'>, { onProgress }: Working): Promise<Mek> {
    this.#mek?.dispose();
    this.#mek = prfMek(this.#engine, this.#output, id);
    onProgress?.(1);
    return Promise.resolve(this.#mek);
  }

  dispose(): void {
    this.#mek?.dispose();
    this.#output.fill(0);
  }
}
