// What opens slots is wiped: the core's whole memory is searched for it after success, after failure and after lock. That the
// search works, the KEK shows: it is found while the keyring is unlocked, and only then.

import { createHmac, pbkdf2Sync, randomBytes } from 'node:crypto';
import { beforeEach, describe, expect, it } from 'vitest';
import {
  createEngine,
  Keyring,
  memoryStore,
  pinGuard,
  type Engine,
  type Secret,
  type Store,
} from '../../bindings/index.ts';
import { loadCore } from '../../bindings/core/index.ts';
import { instanceOf } from '../../bindings/core/internal.ts';
import { agreementPublicKey } from '../../bindings/keys/agreement.ts';
import { encodePublicKey } from '../../bindings/format/public-key.ts';
import { decrypt0, uncbor, X } from '../reader/primitives.ts';
import { sightings } from '../wiped/search.ts';
import { ByHand, raw } from './by-hand.ts';
import { codeOf, FEW, operator, OWNER } from './support.ts';

const [PIN_SLOT, PRF_SLOT, OPERATOR_SLOT] = [3, 4, 5];
type Fields = Map<number, unknown>;

describe('the core’s memory', () => {
  let engine: Engine;
  let memory: Uint8Array;
  let store: Store;
  let keyring: Keyring;
  let first: ReturnType<typeof operator>;
  let kek: Uint8Array;
  beforeEach(async () => {
    const core = await loadCore();
    ({ memory } = instanceOf(core));
    engine = await createEngine({ core, prefer: 'wasm' });
    store = memoryStore();
    first = operator();
    ({ keyring } = await Keyring.create({ engine, store, owner: OWNER, recovery: false, ...first }));
    kek = new ByHand((await store.get(OWNER))!.bytes, first.operatorKey).kek;
    return () => engine.dispose();
  });

  const document = async (): Promise<Uint8Array> => (await store.get(OWNER))!.bytes;
  const slotOf = async (type: number): Promise<Fields> =>
    (raw(await document()).header.get(7) as Fields[]).find((slot) => slot.get(2) === type)!;
  const keyringId = (): Buffer => Buffer.from(keyring.id, 'hex');
  const unlock = (secret: Secret): Promise<Keyring> =>
    Keyring.unlock({ engine, store, owner: OWNER, memory: memoryStore(), allowWeak: true, ...secret });

  /** Opens with what is right, then tries what is wrong; `gone` is looked for all along. */
  async function shows(right: Secret, wrong: Secret, gone: readonly Uint8Array[]): Promise<void> {
    const none = (): void => gone.forEach((secret, i) => expect(sightings(memory, secret), `secret ${i}`).toBe(0));
    none();
    keyring.lock();
    expect(sightings(memory, kek)).toBe(0);
    const again = await unlock(right);
    expect(sightings(memory, kek)).toBe(4); // once: 32 octets are four runs
    none();
    again.lock();
    expect(await codeOf(() => unlock(wrong))).toBe('ERR_WRONG_SECRET');
    none();
    expect([sightings(memory, kek), engine.freeSlots()]).toEqual([0, 64]);
  }

  it('keeps no PIN, no device secret, nor what comes of them', async () => {
    const [pin, deviceSecret] = [randomBytes(12).toString('hex'), randomBytes(32)];
    await keyring.slots.add({ pin, deviceSecret, iterations: FEW, allowWeak: true });
    const slot = await slotOf(PIN_SLOT);
    const stretched = pbkdf2Sync(pin, slot.get(5) as Uint8Array, FEW, 32, 'sha256');
    const message = [Buffer.from('keystrata/pin/v1\0'), keyringId(), slot.get(1) as Uint8Array, stretched];
    const mek = createHmac('sha256', deviceSecret).update(Buffer.concat(message)).digest();
    expect(new ByHand(await document(), mek, PIN_SLOT).macHolds).toBe(true);
    const secrets = [Buffer.from(pin), deviceSecret, stretched, mek];
    await shows({ pin, deviceSecret }, { pin: `${pin}0`, deviceSecret }, secrets);
  });

  it('keeps nothing that a guard has', async () => {
    const pin = randomBytes(12).toString('hex');
    const device = memoryStore();
    const guard = pinGuard({ engine, store: device, id: 'a' });
    await guard.enrol();
    const secret = (await device.get('a'))!.bytes.slice(-32);
    await guard.attempt((deviceSecret) => keyring.slots.add({ pin, deviceSecret, iterations: FEW, allowWeak: true }));
    expect(sightings(memory, secret)).toBe(0);
    keyring.lock();
    (await guard.attempt((deviceSecret) => unlock({ pin, deviceSecret }))).lock();
    expect([sightings(memory, secret), sightings(memory, Buffer.from(pin)), engine.freeSlots()]).toEqual([0, 0, 64]);
  });

  it('keeps no passkey’s output', async () => {
    const [prf, salt, credentialId] = [randomBytes(32), randomBytes(32), randomBytes(16)];
    await keyring.slots.add({ prf, salt, credentialId });
    const mek = createHmac('sha256', 'keystrata/prf/v1').update(prf).digest();
    expect(new ByHand(await document(), mek, PRF_SLOT).macHolds).toBe(true);
    await shows({ prf }, { prf: randomBytes(32) }, [prf, mek]);
  });

  it.each(['P-256', 'X-Wing'] as const)(
    'keeps no private key of a rotatable slot (%s), and no seal key',
    async (kem) => {
      const next = operator();
      await keyring.slots.add({ ...next, rotatable: true, kem });
      const id = Buffer.from(next.operatorKeyId, 'hex');
      const slots = raw(await document()).header.get(7) as Fields[];
      const slot = slots.find(
        (one) => one.get(2) === OPERATOR_SLOT && Buffer.from(one.get(14) as Uint8Array).equals(id),
      )!;
      const all = X(
        next.operatorKey,
        'keystrata/slot/v1',
        [keyringId(), slot.get(1) as Uint8Array, Buffer.of(5, 1)],
        96,
      );
      const kid = (uncbor(slot.get(11) as Uint8Array) as Uint8Array[])[4]!;
      const bound = { purpose: 'slot-private-key', scope: keyringId(), bound: kid };
      const inside = uncbor(decrypt0(all.subarray(0, 32), slot.get(9) as Uint8Array, bound)) as Fields;
      const privateKey = inside.get(kem === 'P-256' ? -4 : -2) as Uint8Array;
      expect(privateKey).toHaveLength(32);
      await shows(next, { ...next, operatorKey: randomBytes(32) }, [
        next.operatorKey,
        privateKey,
        all.subarray(0, 32),
        all.subarray(64),
      ]);
    },
  );

  it('keeps no institution’s key', async () => {
    const escrowKey = randomBytes(32);
    const publicKey = encodePublicKey(agreementPublicKey('X25519', escrowKey));
    const fingerprint = Buffer.from(engine.sha256(publicKey)).toString('hex');
    await keyring.slots.addEscrow({ publicKey, fingerprint, label: '' });
    const signer = { unverifiedSender: true } as const;
    await shows({ escrowKey, signer }, { escrowKey: randomBytes(32), signer }, [escrowKey]);
  });
});
