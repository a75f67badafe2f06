// node:crypto, OpenSSL.
import { createCipheriv, createDecipheriv, createHash, createHmac, hkdfSync, pbkdf2Sync } from 'node:crypto';

export function load() {
  return {
    gcm: (key, iv) => ({
      seal(text) {
        const cipher = createCipheriv('aes-256-gcm', key, iv);
        return Buffer.concat([cipher.update(text), cipher.final(), cipher.getAuthTag()]);
      },
      open(sealed) {
        const decipher = createDecipheriv('aes-256-gcm', key, iv);
        decipher.setAuthTag(sealed.subarray(-16));
        const text = decipher.update(sealed.subarray(0, -16));
        decipher.final();
        return text;
      },
    }),
    pbkdf2: (password, salt, iterations, length) => pbkdf2Sync(password, salt, iterations, length, 'sha256'),
    sha256: (message) => createHash('sha256').update(message).digest(),
    hmac: (key, message) => createHmac('sha256', key).update(message).digest(),
    hkdf: (ikm, salt, info, length) => hkdfSync('sha256', ikm, salt, info, length),
  };
}
