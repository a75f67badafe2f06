// asmcrypto.js: asm.js of 2013, table AES.
import { AES_GCM, HmacSha256, Pbkdf2HmacSha256, Sha256 } from 'asmcrypto.js';

export function load() {
  return {
    gcm: (key, iv) => ({
      seal: (text) => AES_GCM.encrypt(text, key, iv),
      open: (sealed) => AES_GCM.decrypt(sealed, key, iv),
    }),
    pbkdf2: (password, salt, iterations, length) => Pbkdf2HmacSha256(password, salt, iterations, length),
    sha256: (message) => new Sha256().process(message).finish().result,
    hmac: (key, message) => new HmacSha256(key).process(message).finish().result,
  };
}
