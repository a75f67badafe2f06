// The KEK in a rotatable slot and in an escrow: what opens it, what is bound to what, and that nothing of one serves another.

import { createHmac } from 'node:crypto';
import { encode, rfc8949EncodeOptions } from 'cborg';
import { beforeEach, describe, expect, it, vi } from 'vitest';
import { createEngine, type Engine } from '../../bindings/index.ts';
import { decodeHpkeSeal } from '../../bindings/format/hpke-seal.ts';
import { encodePublicKey } from '../../bindings/format/public-key.ts';
import type { EscrowSlot, RotatableSlot } from '../../bindings/format/slot.ts';
import { openEscrow, sealEscrow, verifyEscrow } from '../../bindings/keys/escrow.ts';
import { generateKek } from '../../bindings/keys/kek.ts';
import { generateKeypair } from '../../bindings/keys/keypair.ts';
import { operatorMek } from '../../bindings/keys/operator.ts';
import type { Kek, Mek } from '../../bindings/keys/roles.ts';
import { openRotatable, resealRotatable, sealRotatable } from '../../bindings/keys/rotatable.ts';
import { X } from '../keyring/by-hand.ts';
import { bytesOf, codeOf, idOfSeed, toHex } from '../format/strict.ts';

const [KEYRING, SLOT, OTHER] = [idOfSeed(1), idOfSeed(2), idOfSeed(3)];
const AT = { keyring: KEYRING, owner: 'alice', slot: SLOT, type: 'operator' } as const;
const SECRET = bytesOf(32, 4);
const id = (text: string): Buffer => Buffer.from(text, 'hex');
const cbor = (value: unknown): Uint8Array => encode(value, rfc8949EncodeOptions);

let engine: Engine;
let mek: Mek;
let kek: Kek;
beforeEach(async () => {
  engine = await createEngine({ prefer: 'wasm' });
  mek = operatorMek(engine, SECRET, idOfSeed(5));
  kek = generateKek(engine);
  return () => engine.dispose();
});

/** A token that only the key itself makes. */
function same(one: Kek, other: Kek): boolean {
  const iv = new Uint8Array(12);
  const [a, b] = [one, other].map((key) => toHex(engine.wrap(key, kek, { iv, aad: iv, prefix: iv })));
  return a === b;
}

function made(kind: 'P-256' | 'X25519' | 'X-Wing') {
  const { wrap, sealing } = sealRotatable(engine, mek, kek, AT, kind);
  const slot: RotatableSlot = { id: SLOT, created: 0, type: 'operator', operatorKey: idOfSeed(5), ...wrap };
  return { slot, sealing };
}
const openAt = (slot: RotatableSlot, p: Partial<{ keyring: string; owner: string; kek: string }> = {}, by = mek): Kek =>
  openRotatable(engine, by, slot, { keyring: KEYRING, owner: 'alice', kek: kek.id, ...p });

describe('a seal key', () => {
  it('is wiped where the slot could not be made', () => {
    let given: Uint8Array | null = null;
    const importKey = engine.importKey.bind(engine);
    const spy = vi.spyOn(engine, 'importKey').mockImplementation((bytes, p) => {
      if (p.purpose !== 'mac' || p.id !== SLOT) return importKey(bytes, p);
      given = bytes;
      expect(bytes.some((byte) => byte !== 0)).toBe(true);
      throw new Error('made by the test');
    });
    const free = engine.freeSlots();
    expect(() => made('P-256')).toThrow('made by the test');
    spy.mockRestore();
    expect(given).toEqual(new Uint8Array(32));
    expect(engine.freeSlots()).toBe(free);
  });
});

describe.each([
  ['P-256', 169, 119],
  ['X25519', 137, 119],
  ['X-Wing', 1227, 123],
] as const)('a rotatable slot of %s', (kind, sealed, wrapped) => {
  it('opens, has the sizes of FORMATS §3, and leaves no handle behind', () => {
    const free = engine.freeSlots();
    const { slot, sealing } = made(kind);
    const opened = openAt(slot);
    expect(same(opened, kek)).toBe(true);
    opened.dispose();
    expect([slot.seal.length, slot.wrappedPrivateKey.length, slot.sealMac.length]).toEqual([sealed, wrapped, 32]);
    expect(sealing).toMatchObject({ kem: slot.kem, flags: 0 });
    expect(engine.freeSlots()).toBe(free);
  });

  it('takes the next KEK without its secret', () => {
    const { slot, sealing } = made(kind);
    const next = generateKek(engine);
    const resealed = { ...slot, ...resealRotatable(engine, next, sealing, AT) };
    expect(resealed.commitment).toBe(slot.commitment);
    expect(same(openAt(resealed, { kek: next.id }), next)).toBe(true);
    // What was sealed before is no answer to the new kid, nor the new one to the old.
    expect(codeOf(() => openAt(slot, { kek: next.id }))).toBe('ERR_AUTHENTICATION');
    expect(codeOf(() => openAt(resealed))).toBe('ERR_AUTHENTICATION');
  });

  it('is refused where anything of it, or what it is bound to, is another', () => {
    const { slot, sealing } = made(kind);
    const free = engine.freeSlots();
    const refused = (code: string, changed: Partial<RotatableSlot>, p: Parameters<typeof openAt>[1] = {}, by = mek) =>
      expect(
        codeOf(() => openAt({ ...slot, ...changed } as RotatableSlot, p, by)),
        JSON.stringify(p),
      ).toBe(code);
    refused('ERR_AUTHENTICATION', {}, { owner: 'bob' });
    refused('ERR_WRONG_SECRET', {}, { keyring: OTHER });
    refused('ERR_AUTHENTICATION', {}, { kek: OTHER });
    refused('ERR_WRONG_SECRET', { id: OTHER });
    refused('ERR_WRONG_SECRET', { type: 'recovery' } as never);
    const stranger = operatorMek(engine, bytesOf(32, 9), OTHER);
    refused('ERR_WRONG_SECRET', {}, {}, stranger);
    stranger.dispose();
    for (const field of ['seal', 'sealMac', 'wrappedPrivateKey', 'commitment'] as const) {
      const step = field === 'seal' ? Math.ceil(slot.seal.length / 100) : 1;
      for (let at = 0; at < slot[field].length; at += step) {
        const bytes = slot[field].slice();
        bytes[at]! ^= 0x10;
        const code = codeOf(() => openAt({ ...slot, [field]: bytes }));
        const wanted =
          field === 'commitment'
            ? ['ERR_WRONG_SECRET']
            : field === 'wrappedPrivateKey'
              ? ['ERR_AUTHENTICATION', 'ERR_FORMAT', 'ERR_UNSUPPORTED']
              : ['ERR_AUTHENTICATION'];
        expect(wanted, `${field} ${at}`).toContain(code);
      }
    }
    // Parts of another slot of the same keyring and secret, all true by themselves.
    const another = sealRotatable(engine, mek, kek, { ...AT, slot: OTHER }, kind).wrap;
    for (const field of ['seal', 'sealMac', 'wrappedPrivateKey', 'commitment'] as const)
      expect(
        codeOf(() => openAt({ ...slot, [field]: another[field] })),
        field,
      ).not.toBeNull();
    // Of the same slot, made again: its seal with its own MAC, under the old seal key.
    const again = made(kind);
    refused('ERR_AUTHENTICATION', { seal: again.slot.seal });
    refused('ERR_AUTHENTICATION', { wrappedPrivateKey: again.slot.wrappedPrivateKey });
    // A seal that the public key takes, from whoever knows that alone: the MAC says that no holder of the KEK made it.
    const forged = generateKek(engine);
    const { seal, sealMac } = resealRotatable(engine, forged, { ...sealing, sealKey: bytesOf(32, 7) }, AT);
    refused('ERR_AUTHENTICATION', { seal, sealMac }, { kek: forged.id });
    forged.dispose();
    refused('ERR_FORMAT', { kem: slot.kem === 0x10 ? 0x20 : 0x10 });
    expect(engine.freeSlots()).toBe(free);
  });
});

describe('a rotatable slot', () => {
  it('has the commitment, the seal key and the MAC of FORMATS §§1, 3', () => {
    const { slot, sealing } = made('P-256');
    const okm = X(SECRET, 'keystrata/slot/v1', [id(KEYRING), id(SLOT), Buffer.of(5, 1)], 96);
    expect(toHex(slot.commitment)).toBe(toHex(okm.subarray(32, 64)));
    expect(toHex(sealing.sealKey)).toBe(toHex(okm.subarray(64)));
    const message = cbor(['keystrata/seal-mac/v1', id(KEYRING), id(SLOT), id(kek.id), slot.seal]);
    expect(toHex(slot.sealMac)).toBe(createHmac('sha256', okm.subarray(64)).update(message).digest('hex'));
    const fp = engine.sha256(encodePublicKey(sealing.publicKey));
    expect(decodeHpkeSeal(slot.seal).recipient).toBe(toHex(fp).slice(0, 32));
  });

  it('is no direct one: the mode is bound', () => {
    const { slot } = made('P-256');
    const direct = X(SECRET, 'keystrata/slot/v1', [id(KEYRING), id(SLOT), Buffer.of(5, 0)], 64);
    expect(toHex(direct.subarray(32))).not.toBe(toHex(slot.commitment));
  });
});

describe.each(['P-256', 'X25519', 'X-Wing'] as const)('an escrow to %s', (kind) => {
  it('opens for the institution, for this keyring, owner, slot and KEK', () => {
    const institution = generateKeypair(engine, 'AGREE', kind);
    const at = { keyring: KEYRING, owner: 'alice', slot: SLOT };
    const slot: EscrowSlot = {
      id: SLOT,
      created: 0,
      ...sealEscrow(engine, kek, institution.publicKey, at, null),
    };
    expect(slot.signature).toHaveLength(0);
    const open = (p = {}, changed: Partial<EscrowSlot> = {}, by = institution): Kek =>
      openEscrow(engine, { ...slot, ...changed }, by, { keyring: KEYRING, owner: 'alice', kek: kek.id, ...p });
    expect(same(open(), kek)).toBe(true);
    for (const p of [{ keyring: OTHER }, { owner: 'bob' }, { kek: OTHER }])
      expect(codeOf(() => open(p))).toBe('ERR_AUTHENTICATION');
    expect(codeOf(() => open({}, { id: OTHER }))).toBe('ERR_AUTHENTICATION');
    expect(codeOf(() => open({}, {}, generateKeypair(engine, 'AGREE', kind)))).toBe('ERR_AUTHENTICATION');
    const altered = slot.seal.slice();
    altered[altered.length - 1]! ^= 1;
    expect(codeOf(() => open({}, { seal: altered }))).toBe('ERR_AUTHENTICATION');
  });
});

describe.each(['P-256', 'Ed25519'] as const)('a signature of %s', (kind) => {
  it('stands for the seal, the keyring, the owner, the slot and the KEK', () => {
    const institution = generateKeypair(engine, 'AGREE', 'P-256');
    const signer = generateKeypair(engine, 'SIGN', kind);
    const at = { keyring: KEYRING, owner: 'alice', slot: SLOT };
    const slot: EscrowSlot = { id: SLOT, created: 0, ...sealEscrow(engine, kek, institution.publicKey, at, signer) };
    expect(slot.signature).toHaveLength(92);
    const verify = (p: Partial<typeof at> = {}, changed: Partial<EscrowSlot> = {}, of = kek.id) =>
      codeOf(() => verifyEscrow(engine, { ...slot, ...changed }, signer.publicKey, { ...at, ...p }, of));
    expect(verify()).toBeNull();
    for (const p of [{ keyring: OTHER }, { owner: 'bob' }, { slot: OTHER }])
      expect(verify(p)).toBe('ERR_AUTHENTICATION');
    expect(verify({}, {}, OTHER)).toBe('ERR_AUTHENTICATION');
    const other = sealEscrow(engine, kek, institution.publicKey, at, signer);
    expect(verify({}, { seal: other.seal })).toBe('ERR_AUTHENTICATION');
    expect(verify({}, { signature: other.signature })).toBe('ERR_AUTHENTICATION');
    for (let i = 0; i < 92; i++) {
      const signature = slot.signature.slice();
      signature[i]! ^= 1;
      expect(['ERR_AUTHENTICATION', 'ERR_FORMAT', 'ERR_UNSUPPORTED'], `byte ${i}`).toContain(verify({}, { signature }));
    }
  });
});
