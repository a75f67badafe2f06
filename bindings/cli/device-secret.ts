// The secret of this device, without which a PIN opens nothing; counted beside it, wrong ones, and at ten it is deleted.
// FORMATS §3.
//
//   FOLDER/<keyring id>.<n>    made where it is missing; 700, the file 600
//
// As good as that folder: whoever has it and the keyring tries all PINs. So it lies apart from keyrings, which are copied.

import envPaths from 'env-paths';
import { KeystrataError, wrongSecretError } from '../core/errors.ts';
import type { Engine } from '../engine/engine.ts';
import { Keyring } from '../keyring/keyring.ts';
import { PinEntry, type DeviceStore } from '../keyring/pin-entry.ts';
import { pinGuard, type PinGuard } from '../keyring/pin-guard.ts';
import type { Where } from '../keyring/types.ts';
import type { KeyId } from '../engine/key.ts';
import { fileStore } from '../store/file.ts';
import type { Call } from './io.ts';
import { placeOf } from './place.ts';
import { quoted } from './words.ts';

/** Asks it for a MAC. */
export type DeviceSecret = Parameters<Parameters<PinGuard['attempt']>[0]>[0];

/** --device-secret, else a folder for data of the platform. */
const folderOf = ({ options }: Call): string =>
  options.deviceSecret ?? envPaths('keystrata-device', { suffix: '' }).data;

const deviceStore = (call: Call): DeviceStore => fileStore(folderOf(call));

const guardOf = (call: Call, engine: Engine, keyring: KeyId): PinGuard =>
  pinGuard({ engine, store: deviceStore(call), id: keyring });

/** ERR_NOT_FOUND, saying what to do, where there is none for the keyring. */
export async function mustHaveDeviceSecret(call: Call): Promise<void> {
  const { id } = await Keyring.inspect(placeOf(call));
  if ((await new PinEntry(deviceStore(call), id).failures()) !== null) return;
  throw new KeystrataError(
    'ERR_NOT_FOUND',
    `in ${quoted(folderOf(call))} this device has no secret for a PIN, or not any more: open in another way, and make a PIN anew with keystrata slots add pin`,
  );
}

/** Opens with it: a wrong PIN is one guess less, which is said. What `unlock` was given goes on answering. */
export async function withDeviceSecret<T>(
  call: Call,
  { engine, store, owner }: Where,
  unlock: (deviceSecret: DeviceSecret) => Promise<T>,
): Promise<T> {
  const guard = guardOf(call, engine, (await Keyring.inspect({ store, owner })).id);
  const before = await guard.left();
  try {
    return await guard.attempt(unlock);
  } catch (error) {
    const left = await guard.left();
    if (!KeystrataError.is(error, 'ERR_WRONG_SECRET') || left === before || left === 0) throw error;
    throw wrongSecretError(
      `wrong PIN, or its slot was altered; tries left until the secret of this device is deleted: ${left}`,
    );
  }
}

/** Makes a slot with it, and it where there is none. */
export async function withNewDeviceSecret<T>(
  call: Call,
  { engine, keyring }: { engine: Engine; keyring: KeyId },
  add: (deviceSecret: DeviceSecret) => Promise<T>,
): Promise<T> {
  const guard = guardOf(call, engine, keyring);
  if ((await guard.left()) === 0) await guard.forget(); // one that a crash kept from being deleted
  await guard.enrol().catch((error: unknown) => {
    if (!KeystrataError.is(error, 'ERR_EXISTS')) throw error; // it serves another PIN of this keyring, too
  });
  return guard.attempt(add);
}

/** Where no slot is left that it serves. */
export const forgetDeviceSecret = (call: Call, keyring: KeyId): Promise<void> =>
  new PinEntry(deviceStore(call), keyring).remove();
