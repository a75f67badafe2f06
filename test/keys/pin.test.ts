// The MEK of a PIN and a device secret, and that of a passkey, against node:crypto. FORMATS §3, types 3 and 4.

import { createHmac, pbkdf2Sync } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import type { Engine } from '../../bindings/engine/engine.ts';
import { takePassphrase } from '../../bindings/keys/passphrase.ts';
import { pinMek, takeDeviceSecret, type DeviceSecret } from '../../bindings/keys/pin.ts';
import { prfMek } from '../../bindings/keys/prf.ts';
import { expandKey } from '../../bindings/keys/expand.ts';
import type { Mek } from '../../bindings/keys/roles.ts';
import { bytesOf, idOfSeed, toHex } from '../format/strict.ts';
import { codeOf } from '../keyring/support.ts';
import { engines } from './engines.ts';

const [SALT, SECRET, KEYRING, SLOT] = [bytesOf(32, 1), bytesOf(32, 2), idOfSeed(3), idOfSeed(4)];
const p = { keyring: KEYRING, slot: SLOT, salt: SALT, iterations: 7 };
const hmac = (key: Uint8Array, ...parts: Uint8Array[]): Buffer =>
  createHmac('sha256', key).update(Buffer.concat(parts)).digest();

/** What a MEK gives: T(1) of HKDF-Expand, shown by a MAC. */
function shown(engine: Engine, mek: Mek): string {
  const key = expandKey(engine, mek, { label: 'shown', ids: [], as: { purpose: 'mac', id: idOfSeed(9) } });
  const out = toHex(engine.mac(key, bytesOf(20, 1)));
  key.dispose();
  mek.dispose();
  return out;
}
const shownOf = (mek: Uint8Array): string => toHex(hmac(hmac(mek, Buffer.from('shown\0\x01')), bytesOf(20, 1)));

const message = Buffer.concat([
  Buffer.from('keystrata/pin/v1\0'),
  Buffer.from(KEYRING, 'hex'),
  Buffer.from(SLOT, 'hex'),
  pbkdf2Sync('ﬁ1234'.normalize('NFKC'), SALT, 7, 32, 'sha256'),
]);

describe.each(engines)('%s', (_, make) => {
  async function mekOf(deviceSecret: DeviceSecret, signal?: AbortSignal): Promise<string> {
    const engine = await make();
    const password = takePassphrase(engine, 'ﬁ1234', 'PIN');
    try {
      return shown(engine, await pinMek(engine, password, { ...p, deviceSecret, ...(signal && { signal }) }));
    } finally {
      password.dispose();
      engine.dispose();
    }
  }

  it('mixes the stretched PIN with the device secret', async () => {
    expect(await mekOf(SECRET)).toBe(shownOf(hmac(SECRET, message)));
    expect(await mekOf(bytesOf(32, 5))).not.toBe(shownOf(hmac(SECRET, message)));
  });

  it('asks a device that keeps its secret, and zeroes question and answer', async () => {
    const seen: Uint8Array[] = [];
    const mek = await mekOf((asked) => {
      const mac = Uint8Array.from(hmac(SECRET, asked));
      expect(toHex(asked)).toBe(toHex(message));
      seen.push(asked, mac);
      return Promise.resolve(mac);
    });
    expect(mek).toBe(shownOf(hmac(SECRET, message)));
    expect(seen.map((bytes) => bytes.every((byte) => byte === 0))).toEqual([true, true]);
  });

  it('refuses an answer that is no MAC, and passes on what the device throws', async () => {
    expect(await codeOf(() => mekOf(() => Promise.resolve(new Uint8Array(31))))).toBe('ERR_ARGUMENT');
    expect(await codeOf(() => mekOf(() => Promise.resolve('mac' as never)))).toBe('ERR_ARGUMENT');
    await expect(mekOf(() => Promise.reject(new Error('the enclave is locked')))).rejects.toThrow('enclave');
    const thrown = (): Promise<Uint8Array> => {
      throw new Error('at once');
    };
    await expect(mekOf(thrown)).rejects.toThrow('at once');
  });

  it('heeds an abort while the device is asked; the late answer is zeroed', async () => {
    const abort = new AbortController();
    let answer!: (mac: Uint8Array) => void;
    const asked = new Promise<Uint8Array>((resolve) => (answer = resolve));
    const mac = bytesOf(32, 8);
    const code = codeOf(() => mekOf(() => (setTimeout(() => abort.abort()), asked), abort.signal));
    expect(await code).toBe('ERR_ABORTED');
    answer(mac);
    await asked;
    await Promise.resolve();
    expect(mac.every((byte) => byte === 0)).toBe(true);
  });

  it('derives from a passkey with the label as salt', async () => {
    const engine = await make();
    const output = bytesOf(32, 6);
    expect(shown(engine, prfMek(engine, output, SLOT))).toBe(shownOf(hmac(Buffer.from('keystrata/prf/v1'), output)));
    for (const wrong of [bytesOf(31, 6), bytesOf(64, 6), 'prf' as never])
      expect(await codeOf(() => prfMek(engine, wrong, SLOT))).toBe('ERR_ARGUMENT');
    engine.dispose();
  });
});

describe('a device secret', () => {
  it('is copied, and has 32 bytes, or is a function', async () => {
    const bytes = bytesOf(32, 1);
    const copy = takeDeviceSecret(bytes) as Uint8Array;
    expect(copy).toEqual(bytes);
    expect(copy.buffer).not.toBe(bytes.buffer);
    for (const wrong of [new Uint8Array(0), new Uint8Array(33), 'secret' as never, undefined as never])
      expect(await codeOf(() => takeDeviceSecret(wrong))).toBe('ERR_ARGUMENT');
  });
});
