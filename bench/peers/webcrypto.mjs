// The platform's WebCrypto, each call awaited.
const { subtle } = globalThis.crypto;

export function load() {
  const hmacKey = (key) => subtle.importKey('raw', key, { name: 'HMAC', hash: 'SHA-256' }, false, ['sign']);
  return {
    async gcm(key, iv) {
      const handle = await subtle.importKey('raw', key, 'AES-GCM', false, ['encrypt', 'decrypt']);
      const algorithm = { name: 'AES-GCM', iv };
      return {
        seal: async (text) => new Uint8Array(await subtle.encrypt(algorithm, handle, text)),
        open: async (sealed) => new Uint8Array(await subtle.decrypt(algorithm, handle, sealed)),
      };
    },
    async pbkdf2(password, salt, iterations, length) {
      const key = await subtle.importKey('raw', password, 'PBKDF2', false, ['deriveBits']);
      return new Uint8Array(
        await subtle.deriveBits({ name: 'PBKDF2', hash: 'SHA-256', salt, iterations }, key, 8 * length),
      );
    },
    sha256: async (message) => new Uint8Array(await subtle.digest('SHA-256', message)),
    hmac: async (key, message) => new Uint8Array(await subtle.sign('HMAC', await hmacKey(key), message)),
    async hkdf(ikm, salt, info, length) {
      const key = await subtle.importKey('raw', ikm, 'HKDF', false, ['deriveBits']);
      return new Uint8Array(await subtle.deriveBits({ name: 'HKDF', hash: 'SHA-256', salt, info }, key, 8 * length));
    },
  };
}
