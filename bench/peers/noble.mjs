// @noble/ciphers and @noble/hashes: audited JavaScript.
import { gcm } from '@noble/ciphers/aes.js';
import { hkdf } from '@noble/hashes/hkdf.js';
import { hmac } from '@noble/hashes/hmac.js';
import { pbkdf2 } from '@noble/hashes/pbkdf2.js';
import { sha256 } from '@noble/hashes/sha2.js';

export function load() {
  return {
    // its cipher objects seal once: made anew for each call, as its users do
    gcm: (key, iv) => ({ seal: (text) => gcm(key, iv).encrypt(text), open: (sealed) => gcm(key, iv).decrypt(sealed) }),
    pbkdf2: (password, salt, c, dkLen) => pbkdf2(sha256, password, salt, { c, dkLen }),
    sha256: (message) => sha256(message),
    hmac: (key, message) => hmac(sha256, key, message),
    hkdf: (ikm, salt, info, length) => hkdf(sha256, ikm, salt, info, length),
  };
}
