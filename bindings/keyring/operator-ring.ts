// The ring of an operator: 256-bit keys with ids, each a MEK by itself (FORMATS §3, type 5). One is active: it makes new slots.
// The others open what they made, until nothing is left under them.
//
//   add ─► pre-activation ─activate─► active ─another is activated─► deactivated ─retire─► gone (SP 800-57 Part 1 §7)
//
// Secret: the keys, in the core's slots. A ring is what one process holds; all machines are given the same keys and ids.

import { still, type Bytes } from '../core/bytes.ts';
import { dispose } from '../core/dispose.ts';
import { KeystrataError } from '../core/errors.ts';
import type { Engine, Work } from '../engine/engine.ts';
import type { KeyId } from '../engine/key.ts';
import { ID_LENGTH, idOf, type Id } from '../format/ids.ts';
import type { Slot, SlotSource } from '../format/slot.ts';
import type { KeyState } from '../format/states.ts';
import { operatorMek } from '../keys/operator.ts';
import type { Mek } from '../keys/roles.ts';
import type { Store } from '../store/store.ts';
import { asId } from './arguments.ts';
import { createBy } from './create.ts';
import { keyringOf, type Keyring } from './keyring.ts';
import { mustNotBeIn } from './left-under.ts';
import { asWorking, type Working } from './progress.ts';
import type { SlotSecret } from './slot-secret.ts';
import type { CreateBy, UnlockBy } from './types.ts';
import { unlockBy } from './unlock.ts';

/** Each takes one of the core's 64 slots. */
const MOST = 16;

type RingState = Extract<KeyState, 'pre-activation' | 'active' | 'deactivated'>;

export class OperatorRing implements Disposable {
  readonly engine: Engine;
  readonly #keys = new Map<Id, { readonly mek: Mek; state: RingState }>();
  #active: Id | null = null;

  constructor(engine: Engine) {
    if (typeof (engine as Partial<Engine> | null | undefined)?.importKey !== 'function')
      throw new KeystrataError('ERR_ARGUMENT', 'engine: what createEngine() resolves to is wanted');
    this.engine = engine;
  }

  /** Takes 32 bytes in, which the caller wipes. Returns the id: 16 random bytes where none is given. ERR_EXISTS, ERR_LIMIT. */
  add(key: Bytes, id?: KeyId): KeyId {
    const kid = id === undefined ? this.#freshId() : asId(id, 'id');
    if (this.#keys.has(kid)) throw new KeystrataError('ERR_EXISTS', `the ring has a key ${kid} already`);
    if (this.#keys.size === MOST)
      throw new KeystrataError('ERR_LIMIT', `the ring has ${MOST} keys: retire those that nothing is left under`);
    this.#keys.set(kid, { mek: operatorMek(this.engine, key, kid), state: 'pre-activation' });
    return kid;
  }

  /** New slots are made under it from now on; the one that was active opens alone. */
  activate(id: KeyId): void {
    const kid = asId(id, 'id');
    const key = this.#key(kid);
    if (this.#active !== null) this.#key(this.#active).state = 'deactivated';
    key.state = 'active';
    this.#active = kid;
  }

  /** ERR_KEY_STATE where none is active yet. */
  get active(): KeyId {
    if (this.#active === null)
      throw new KeystrataError('ERR_KEY_STATE', 'no key of the ring is active: activate one of them');
    return this.#active;
  }

  list(): { id: KeyId; state: RingState }[] {
    return [...this.#keys].map(([id, { state }]) => ({ id, state }));
  }

  has(id: KeyId): boolean {
    return this.#keys.has(id);
  }

  /**
   * Wipes a key that nothing needs any more. Every keyring of the stores is looked at: ERR_KEY_STATE, and the key stays,
   * where one of them has a slot under it or cannot be read, and where it is the active one. Backups of the stores still need
   * the key: keep it apart as long as you keep them.
   */
  async retire(id: KeyId, p: Work & { stores: readonly Store[] }): Promise<void> {
    const kid = asId(id, 'id');
    const work = asWorking(p);
    if (!Array.isArray(p.stores) || p.stores.length === 0)
      throw new KeystrataError('ERR_ARGUMENT', 'stores: all stores are wanted in which keyrings may be under the key');
    const { mek } = this.#key(kid);
    const refuseActive = (): void => {
      if (kid === this.#active)
        throw new KeystrataError('ERR_KEY_STATE', `${kid} is the active key: activate another, then re-wrap`);
    };
    refuseActive();
    await mustNotBeIn(p.stores, kid, work);
    refuseActive(); // somebody may have activated it meanwhile
    this.#keys.delete(kid);
    mek.dispose();
  }

  /** A keyring under the active key. No recovery code unless asked for. ERR_EXISTS. */
  async create(p: Omit<CreateBy, 'engine'>): Promise<{ keyring: Keyring; recoveryCode: string }> {
    const { session, recoveryCode } = await createBy({ ...p, recovery: p.recovery ?? false, engine: this.engine }, () =>
      this.secret(),
    );
    return { keyring: keyringOf(session), recoveryCode };
  }

  /** By whichever key of the ring the keyring has a slot under. WrongSecretError where it has none. */
  async unlock(p: Omit<UnlockBy, 'engine'>): Promise<Keyring> {
    return keyringOf(await unlockBy({ ...p, engine: this.engine }, () => this.secret()));
  }

  /** The ring at work: opens slots of any of its keys, makes them of the active one. Its MEKs stay the ring's. */
  secret(): SlotSecret {
    const mekOf = (slot: SlotSource): Mek => this.#key(slot.type === 'operator' ? slot.operatorKey : '').mek;
    return {
      type: 'operator',
      name: 'key of this ring',
      opens: (slot: Slot) => slot.type === 'operator' && this.#keys.has(slot.operatorKey),
      source: () => ({ type: 'operator', operatorKey: this.active }),
      mek: (slot, { onProgress }: Working) => {
        onProgress?.(1);
        return Promise.resolve(mekOf(slot));
      },
      dispose: () => undefined,
    };
  }

  /** Wipes every key of the ring. Twice does no harm. */
  dispose(): void {
    for (const { mek } of this.#keys.values()) mek.dispose();
    this.#keys.clear();
    this.#active = null;
  }

  [dispose](): void {
    this.dispose();
  }

  #key(id: Id): { readonly mek: Mek; state: RingState } {
    const key = this.#keys.get(id);
    if (key === undefined) throw new KeystrataError('ERR_KEY_NOT_FOUND', `the ring has no key ${id}: add it`);
    return key;
  }

  #freshId(): Id {
    const bytes = still(ID_LENGTH);
    this.engine.random(bytes);
    return idOf(bytes);
  }
}
