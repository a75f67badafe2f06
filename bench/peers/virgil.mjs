// @virgilsecurity/core-foundation: mbedTLS compiled to WebAssembly, table AES.
import { createRequire } from 'node:module';

export async function load() {
  const initialise = createRequire(import.meta.url)('@virgilsecurity/core-foundation/node.cjs.js');
  const { Aes256Gcm } = await (initialise.default ?? initialise)();
  const none = new Uint8Array(0);
  return {
    gcm(key, iv) {
      const cipher = new Aes256Gcm();
      cipher.setKey(key);
      cipher.setNonce(iv);
      return {
        seal(text) {
          const { out, tag } = cipher.authEncrypt(text, none);
          const sealed = new Uint8Array(out.length + 16);
          sealed.set(out);
          sealed.set(tag, out.length);
          return sealed;
        },
        open: (sealed) => cipher.authDecrypt(sealed.subarray(0, -16), none, sealed.subarray(-16)),
        free: () => cipher.delete(),
      };
    },
  };
}
