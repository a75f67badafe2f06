// @stablelib: TypeScript, table AES.
import { AES } from '@stablelib/aes';
import { GCM } from '@stablelib/gcm';
import { hmac } from '@stablelib/hmac';
import { deriveKey } from '@stablelib/pbkdf2';
import { hash, SHA256 } from '@stablelib/sha256';

export function load() {
  return {
    gcm(key, iv) {
      const cipher = new GCM(new AES(key));
      return {
        seal: (text) => cipher.seal(iv, text),
        open: (sealed) => cipher.open(iv, sealed),
        free: () => cipher.clean(),
      };
    },
    pbkdf2: (password, salt, iterations, length) => deriveKey(SHA256, password, salt, iterations, length),
    sha256: (message) => hash(message),
    hmac: (key, message) => hmac(SHA256, key, message),
  };
}
