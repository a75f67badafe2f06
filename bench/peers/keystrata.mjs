// Our core: `keystrata:simd` and so on.
import { loadCore } from '../../build/core.js';

export async function load(variant) {
  const core = await loadCore({ variant });
  return {
    gcm(key, iv) {
      const cipher = core.aes256gcm(key);
      return {
        seal: (text) => cipher.encrypt(iv, text),
        open: (sealed) => cipher.decrypt(iv, sealed),
        sealInto: (out, text) => cipher.encryptInto(out, iv, text),
        openInto: (out, sealed) => cipher.decryptInto(out, iv, sealed),
        free: () => cipher[Symbol.dispose](),
      };
    },
    pbkdf2: (password, salt, iterations, length) => core.pbkdf2Sha256(password, { salt, iterations, length }),
    sha256: (message) => core.sha256(message),
    hmac: (key, message) => core.hmacSha256(key, message),
    hkdf: (ikm, salt, info, length) => core.hkdfSha256(ikm, { salt, info, length }),
  };
}
