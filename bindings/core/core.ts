// keystrata/core: arguments are checked here, before any work; the work is in the file of its name.

import { asBytes, asInteger, type Bytes, type Out } from './bytes.ts';
import { Gcm } from './cipher.ts';
import { dispose } from './dispose.ts';
import { KeystrataError } from './errors.ts';
import { sha256 } from './hash.ts';
import { hkdfSha256, hmacSha256 } from './hmac.ts';
import type { Instance } from './instance.ts';
import { register } from './internal.ts';
import { pbkdf2Sha256 } from './pbkdf2.ts';
import type { Cipher, Core, Variant } from './types.ts';

const HKDF_MOST = 255 * 32; // RFC 5869 §2.3
const ITERATIONS_MOST = 2 ** 32 - 1;
const LENGTH_MOST = 2 ** 32 - 1;
const NONE = new Uint8Array(0);

export class WasmCore implements Core {
  readonly #instance: Instance;

  constructor(instance: Instance) {
    this.#instance = instance;
    register(this, instance);
  }

  get variant(): Variant {
    return this.#instance.variant;
  }

  sha256(message: Bytes): Out {
    const core = this.#live();
    return sha256(core, [asBytes(message, 'message')]);
  }

  hmacSha256(key: Bytes, message: Bytes): Out {
    const core = this.#live();
    return hmacSha256(core, asBytes(key, 'key'), asBytes(message, 'message'));
  }

  hkdfSha256(ikm: Bytes, p: { salt?: Bytes; info?: Bytes; length: number }): Out {
    const core = this.#live();
    const { salt = NONE, info = NONE, length } = asOptions(p, '{ salt, info, length }');
    asBytes(ikm, 'ikm');
    asBytes(salt, 'salt');
    asBytes(info, 'info');
    return hkdfSha256(core, ikm, salt, info, asInteger(length, 'length', 1, HKDF_MOST));
  }

  pbkdf2Sha256(password: Bytes, p: { salt: Bytes; iterations: number; length: number }): Out {
    const core = this.#live();
    const { salt, iterations, length } = asOptions(p, '{ salt, iterations, length }');
    asBytes(password, 'password');
    asBytes(salt, 'salt');
    asInteger(iterations, 'iterations', 1, ITERATIONS_MOST);
    return pbkdf2Sha256(core, password, salt, iterations, asInteger(length, 'length', 1, LENGTH_MOST));
  }

  aes256gcm(key: Bytes, p: { tagLength?: 12 | 13 | 14 | 15 | 16 } = {}): Cipher {
    const core = this.#live();
    return new Gcm(core, key, asOptions(p, '{ tagLength }').tagLength);
  }

  [dispose](): void {
    this.#instance.dispose();
  }

  #live(): Instance {
    this.#instance.live();
    return this.#instance;
  }
}

function asOptions<T extends object>(value: T, wanted: string): T {
  if (typeof value !== 'object' || value === null)
    throw new KeystrataError('ERR_ARGUMENT', `an object ${wanted} is wanted`);
  return value;
}
