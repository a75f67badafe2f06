// What a suite asks, and who is asked: each build of the core, and node:crypto, which was not written here.

import {
  createCipheriv,
  createDecipheriv,
  createHash,
  createHmac,
  hkdfSync,
  pbkdf2Sync,
  randomFillSync,
} from 'node:crypto';
import { instanceOf } from '../../bindings/core/internal.ts';
import { loadCore } from '../../bindings/core/load.ts';
import { good } from '../../bindings/core/status.ts';
import type { Core, Variant } from '../../bindings/core/types.ts';

export type Bytes = Uint8Array;
export type TagLength = 12 | 13 | 14 | 15 | 16;

export interface Implementation {
  sha256(message: Bytes): Bytes;
  hmac(key: Bytes, message: Bytes): Bytes;
  hkdf(ikm: Bytes, salt: Bytes, info: Bytes, length: number): Bytes;
  pbkdf2(password: Bytes, salt: Bytes, iterations: number, length: number): Bytes;
  /** ECB over whole blocks. */
  aes(key: Bytes, blocks: Bytes): Bytes;
  seal(key: Bytes, iv: Bytes, plaintext: Bytes, aad: Bytes, tagLength: TagLength): Bytes;
  /** Throws where the tag is wrong. */
  open(key: Bytes, iv: Bytes, sealed: Bytes, aad: Bytes, tagLength: TagLength): Bytes;
}

export const VARIANTS: readonly Variant[] = ['relaxed', 'simd', 'scalar'];

/** `bytes` random bytes, which do not repeat from run to run: what fails is printed with its input by the test. */
export const random = (bytes: number): Uint8Array<ArrayBuffer> => randomFillSync(new Uint8Array(bytes));

export function ofCore(core: Core): Implementation {
  const { abi, door, memory } = instanceOf(core);
  const withCipher = <T>(key: Bytes, tagLength: TagLength, work: (cipher: ReturnType<Core['aes256gcm']>) => T): T => {
    const cipher = core.aes256gcm(key, { tagLength });
    try {
      return work(cipher);
    } finally {
      cipher[Symbol.dispose]();
    }
  };
  return {
    sha256: (message) => core.sha256(message),
    hmac: (key, message) => core.hmacSha256(key, message),
    hkdf: (ikm, salt, info, length) => core.hkdfSha256(ikm, { salt, info, length }),
    pbkdf2: (password, salt, iterations, length) => core.pbkdf2Sha256(password, { salt, iterations, length }),
    aes: (key, blocks) => {
      const slot = good(abi.keyAllocate());
      try {
        memory.set(key, good(abi.keyAddress(slot)));
        good(abi.keyLoad(slot));
        return door.use(() => {
          const at = door.put(0, blocks);
          good(abi.aesEncryptBlocks(slot, at, blocks.length / 16));
          return door.out(at, blocks.length);
        });
      } finally {
        abi.keyFree(slot);
      }
    },
    seal: (key, iv, plaintext, aad, tagLength) =>
      withCipher(key, tagLength, (cipher) => cipher.encrypt(iv, plaintext, aad)),
    open: (key, iv, sealed, aad, tagLength) => withCipher(key, tagLength, (cipher) => cipher.decrypt(iv, sealed, aad)),
  };
}

export const ofBuild = async (variant: Variant): Promise<Implementation> => ofCore(await loadCore({ variant }));

export const node: Implementation = {
  sha256: (message) => createHash('sha256').update(message).digest(),
  hmac: (key, message) => createHmac('sha256', key).update(message).digest(),
  hkdf: (ikm, salt, info, length) => new Uint8Array(hkdfSync('sha256', ikm, salt, info, length)),
  pbkdf2: (password, salt, iterations, length) => pbkdf2Sync(password, salt, iterations, length, 'sha256'),
  aes: (key, blocks) => createCipheriv('aes-256-ecb', key, null).setAutoPadding(false).update(blocks),
  seal: (key, iv, plaintext, aad, authTagLength) => {
    const cipher = createCipheriv('aes-256-gcm', key, iv, { authTagLength }).setAAD(aad);
    return Buffer.concat([cipher.update(plaintext), cipher.final(), cipher.getAuthTag()]);
  },
  open: (key, iv, sealed, aad, authTagLength) => {
    const cipher = createDecipheriv('aes-256-gcm', key, iv, { authTagLength }).setAAD(aad);
    cipher.setAuthTag(sealed.subarray(sealed.length - authTagLength));
    return Buffer.concat([cipher.update(sealed.subarray(0, sealed.length - authTagLength)), cipher.final()]);
  },
};

/** Whether all bytes are the same: faster than toEqual, and as strict. */
export const same = (a: Bytes, b: Bytes): boolean => Buffer.compare(a, b) === 0;

/** The code of what `work` throws; null where it throws nothing. */
export function codeOf(work: () => unknown): string | null {
  try {
    work();
    return null;
  } catch (error) {
    return (error as { code?: string }).code ?? String(error);
  }
}
