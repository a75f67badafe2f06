// The engines behind the keyring: `engine:wasm`, `engine:webcrypto`, `engine:auto`; not public, so taken from the build's parts.
import { createEngine } from '../../build/tsc/engine/create.js';

export async function load(prefer) {
  const engine = await createEngine({ prefer });
  const id = '00'.repeat(16);
  const none = new Uint8Array(0);
  return {
    gcm(key, iv) {
      const handle = engine.importKey(key, { purpose: 'seal', id });
      return {
        seal(text) {
          const out = new Uint8Array(text.length + 16);
          const done = engine.seal(handle, text, { iv, aad: none, out });
          return done ? done.then(() => out) : out;
        },
        open: (sealed) => engine.open(handle, sealed, { iv, aad: none }),
        free: () => handle.dispose(),
      };
    },
    async pbkdf2(password, salt, iterations) {
      const midstates = engine.password(password);
      const key = await midstates.derive({ salt, iterations, id });
      const out = engine.exportSecretBytes(key);
      key.dispose();
      midstates.dispose();
      return out;
    },
    sha256: (message) => engine.sha256(message),
  };
}
