// A PIN and a device secret at work. FORMATS §3, type 3. The device may have one that nobody reads, and answer by itself.

import { KeystrataError } from '../core/errors.ts';
import type { Engine, Password } from '../engine/engine.ts';
import type { Slot, SlotSource } from '../format/slot.ts';
import { takePassphrase, type Passphrase } from '../keys/passphrase.ts';
import { pinMek, takeDeviceSecret, type DeviceSecret } from '../keys/pin.ts';
import type { Mek } from '../keys/roles.ts';
import type { Working } from './progress.ts';
import { freshSalt, type Of, type SlotSecret } from './slot-secret.ts';

export class PinSecret implements SlotSecret {
  readonly type = 'pin';
  readonly name = 'PIN';
  readonly #engine: Engine;
  readonly #deviceSecret: DeviceSecret;
  readonly #password: Password;
  #mek: Mek | null = null;
  #ended = false;

  constructor(engine: Engine, pin: Passphrase, deviceSecret: DeviceSecret) {
    this.#engine = engine;
    this.#deviceSecret = takeDeviceSecret(deviceSecret);
    try {
      this.#password = takePassphrase(engine, pin, 'PIN');
    } catch (error) {
      this.#wipe();
      throw error;
    }
  }

  opens(slot: Slot): boolean {
    return slot.type === this.type;
  }

  source(iterations: number): SlotSource {
    return { type: this.type, salt: freshSalt(this.#engine), iterations };
  }

  async mek({ id, keyring, salt, iterations }: Of<'passphrase' | 'pin'>, work: Working): Promise<Mek> {
    this.#mek?.dispose();
    const p = { keyring, slot: id, salt, iterations, deviceSecret: this.#deviceSecret, ...work };
    this.#mek = await pinMek(this.#engine, this.#password, p);
    if (this.#ended) {
      this.#mek.dispose(); // the device answered after the end
      throw new KeystrataError('ERR_DISPOSED', 'the work that this PIN was for has ended: ask for it again');
    }
    return this.#mek;
  }

  dispose(): void {
    this.#ended = true;
    this.#mek?.dispose();
    this.#password.dispose();
    this.#wipe();
  }

  #wipe(): void {
    if (typeof this.#deviceSecret !== 'function') this.#deviceSecret.fill(0);
  }
}
