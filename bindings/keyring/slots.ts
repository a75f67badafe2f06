// keyring.slots: the ways into a keyring, as its user manages them. FORMATS §3.

import type { Out } from '../core/bytes.ts';
import { KeystrataError } from '../core/errors.ts';
import type { Work } from '../engine/engine.ts';
import type { KeyId } from '../engine/key.ts';
import type { Id } from '../format/ids.ts';
import { addEscrow, type EscrowOptions } from './add-escrow.ts';
import { addRecovery, addSlot, type AddOptions } from './add-slot.ts';
import { asId, asLabel, asOptions } from './arguments.ts';
import { apply } from './change.ts';
import { removed, renamed, takeShare } from './edit-slots.ts';
import { slotInfo } from './slot-info.ts';
import { asWorking } from './progress.ts';
import { rotateKek, type RotateOptions } from './rotate-kek.ts';
import type { Session } from './session.ts';
import { freshSalt } from './slot-secret.ts';
import type { Secret, SlotInfo } from './types.ts';

/** Of a removal: with `rekey` whatever `rotateKek` takes, for the slots that stay. */
export interface RemoveOptions extends RotateOptions {
  rekey?: boolean;
}

export class Slots {
  readonly #session: Session;

  /** Of an unlocked keyring. */
  constructor(session: Session) {
    this.#session = session;
  }

  /** Of the newest document seen here, in the order of their ids. */
  list(): SlotInfo[] {
    this.#session.use();
    const { header, private: opened } = this.#session.snapshot;
    return header.slots.map((slot) => slotInfo(slot, opened));
  }

  /** A name of 0 … 255 bytes, which only who unlocks the keyring reads. ERR_NOT_FOUND; ConflictError where it was removed meanwhile. */
  rename(id: KeyId, label: string): Promise<void> {
    return this.#session.run(async () => {
      const slot = asId(id, 'id');
      const name = asLabel(label, 'label');
      await mustHave(this.#session, slot);
      await takeShare(this.#session, [slot], null, name);
      await apply(this.#session, renamed(slot, name));
    });
  }

  /**
   * One more way in, at most 32: a passphrase, a PIN, a passkey, an operator key. A recovery code is drawn, not taken:
   * `addRecovery`; an institution's key comes with `addEscrow`.
   */
  add(secret: Secret & Work & AddOptions): Promise<SlotInfo> {
    return this.#session.run(() => addSlot(this.#session, secret));
  }

  /** One more recovery code, which is shown once: nothing keeps it. Where its slot was written it is returned, also when locked meanwhile. */
  addRecovery(p: Work & AddOptions = {}): Promise<{ slot: SlotInfo; recoveryCode: string }> {
    return this.#session.run((write) => addRecovery(this.#session, p, write));
  }

  /**
   * The way in of an institution that restores who is locked out: its public key, pinned by the whole fingerprint. It is not
   * the user's, and does not count as a slot that they hold. ERR_UNTRUSTED_KEY where the fingerprint is another's.
   */
  addEscrow(p: EscrowOptions): Promise<SlotInfo> {
    return this.#session.run(() => addEscrow(this.#session, p));
  }

  /** What a passkey is to be evaluated for, before a slot is made of it: 32 random bytes, `eval.first` of WebAuthn's prf. */
  preparePrf(): { salt: Out } {
    this.#session.use();
    return { salt: freshSalt(this.#session.engine) };
  }

  /**
   * Never the last that its user holds: ERR_KEY_STATE. Who kept an old copy of the document and the slot's secret still
   * reaches the same KEK: `rekey` replaces that in the same write, and then wants the secrets of the direct slots that stay
   * (ERR_ARGUMENT names them). ERR_NOT_FOUND; ConflictError where another process was first.
   */
  remove(id: KeyId, p: RemoveOptions = {}): Promise<void> {
    return this.#session.run(async () => {
      const slot = asId(id, 'id');
      const work = asWorking(asOptions(p, 'p'));
      await mustHave(this.#session, slot);
      if (p.rekey === true) return rotateKek(this.#session, { ...p, dropSlots: [slot, ...(p.dropSlots ?? [])] });
      await takeShare(this.#session, [slot], null);
      await apply(this.#session, removed(slot));
      work.onProgress?.(1);
    });
  }
}

/** ERR_NOT_FOUND where there is no such slot, also in the newest document. */
async function mustHave(session: Session, id: Id): Promise<void> {
  const found = (): boolean => session.snapshot.header.slots.some((slot) => slot.id === id);
  if (found()) return;
  await session.refresh();
  if (!found()) throw new KeystrataError('ERR_NOT_FOUND', `this keyring has no slot ${id}: list shows those it has`);
}
