// hash-wasm: C compiled to WebAssembly. Bytes only: for string salts outside ASCII it computes wrong keys.
import { createHMAC, createSHA256, pbkdf2, sha256 } from 'hash-wasm';

export function load() {
  return {
    pbkdf2: async (password, salt, iterations, length) =>
      pbkdf2({ password, salt, iterations, hashLength: length, hashFunction: createSHA256(), outputType: 'binary' }),
    sha256: async (message) => Buffer.from(await sha256(message), 'hex'),
    hmac: async (key, message) => (await createHMAC(createSHA256(), key)).update(message).digest('binary'),
  };
}
