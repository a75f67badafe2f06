// PIN and device secret → MEK. FORMATS §3, type 3:
//
//   MEK = HMAC-SHA256(device secret 32, label ‖ 00 ‖ keyring id ‖ slot id ‖ PBKDF2(UTF-8(NFKC(PIN)), salt 32, iterations, 32))
//
// A PIN has too few bits to withstand guessing; mixed with 256 random bits that never leave the device, a guess without
// these is worth nothing. The device may keep them where nobody reads them (a key that cannot be exported, a TPM, an
// enclave): then it is asked for the MAC. Secret: PIN, device secret, message, MEK. The message passes through JavaScript in
// memory that keeps still, and is wiped: HMAC takes it from there, and so does the device.

import { asBytes, concat, utf8 } from '../core/bytes.ts';
import type { Bytes, Out } from '../core/bytes.ts';
import { KeystrataError } from '../core/errors.ts';
import type { Engine, Password, Work } from '../engine/engine.ts';
import { unlessAborted } from '../engine/pause.ts';
import { idBytes } from '../format/ids.ts';
import type { Id } from '../format/ids.ts';
import { PIN } from '../format/labels.ts';
import { exportStretchedPin } from './export.ts';
import { inRole, type Mek, type StretchedPin } from './roles.ts';

/** 32 bytes, or what makes HMAC-SHA256 with them. */
export type DeviceSecret = Bytes | ((message: Bytes) => Promise<Bytes>);

const LENGTH = 32; // of the device secret, the stretched PIN and the MAC
const LABEL = concat(utf8(PIN, 'label'), new Uint8Array(1));

const wanted = (what: string): KeystrataError => new KeystrataError('ERR_ARGUMENT', `deviceSecret: ${what}`);

/** A copy where it is bytes, the caller's to wipe. ERR_ARGUMENT where it has not 32 bytes and is no function. */
export function takeDeviceSecret(secret: DeviceSecret): DeviceSecret {
  if (typeof secret === 'function') return secret;
  if (asBytes(secret, 'deviceSecret').length !== LENGTH)
    throw wanted(`${LENGTH} bytes, or a function that makes HMAC-SHA256 with them, are wanted`);
  return concat(secret);
}

/** The MEK of a slot. The device's answer is zeroed. ERR_ARGUMENT where that has not 32 bytes; what the device throws. */
export async function pinMek(
  engine: Engine,
  password: Password,
  p: { keyring: Id; slot: Id; salt: Bytes; iterations: number; deviceSecret: DeviceSecret } & Work,
): Promise<Mek> {
  const { deviceSecret, ...work } = p;
  const { slot, signal } = work;
  const message = await messageOf(engine, password, work);
  try {
    if (typeof deviceSecret !== 'function')
      return inRole('MEK', engine.extract({ salt: deviceSecret, ikm: message }, { purpose: 'derive', id: slot }));
    const asked = ask(deviceSecret, message);
    const mac = await unlessAborted(asked, signal).catch((error: unknown) => {
      void asked.then(zero, () => undefined); // what comes after an abort is for nobody
      throw error;
    });
    try {
      if (asBytes(mac, 'deviceSecret: the MAC').length !== LENGTH)
        throw wanted(`HMAC-SHA256 has ${LENGTH} bytes, the function gave ${mac.length}`);
      return inRole('MEK', engine.importKey(mac, { purpose: 'derive', id: slot }));
    } finally {
      zero(mac);
    }
  } finally {
    message.fill(0);
  }
}

const ask = async (secret: (message: Bytes) => Promise<Bytes>, message: Bytes): Promise<Bytes> => secret(message);

/** Whatever a function of somebody else's gave. */
const zero = (answer: unknown): void => void (answer instanceof Uint8Array && answer.fill(0));

/** What the device secret is applied to. */
async function messageOf(
  engine: Engine,
  password: Password,
  { keyring, slot, ...p }: { keyring: Id; slot: Id; salt: Bytes; iterations: number } & Work,
): Promise<Out> {
  const stretched = (await password.derive({ ...p, id: slot })) as StretchedPin;
  try {
    const bytes = exportStretchedPin(engine, stretched);
    try {
      return concat(LABEL, idBytes(keyring), idBytes(slot), bytes);
    } finally {
      bytes.fill(0);
    }
  } finally {
    stretched.dispose();
  }
}
