// @transcend-io/encrypt-web-streams: RustCrypto compiled to WebAssembly, in 64 KiB pieces as its streams feed it.
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const home = new URL('node_modules/@transcend-io/encrypt-web-streams/wasm/', new URL('../', import.meta.url));

export async function load() {
  const { default: initialise, Decryptor, Encryptor } = await import(new URL('aes_gcm_stream_wasm.js', home));
  await initialise({ module_or_path: readFileSync(fileURLToPath(new URL('aes_gcm_stream_wasm_bg.wasm', home))) });
  const through = (machine, bytes) => {
    const parts = [];
    for (let at = 0; at < bytes.length; at += 65536) parts.push(machine.update(bytes.subarray(at, at + 65536)));
    parts.push(machine.finalize());
    return Buffer.concat(parts);
  };
  return {
    gcm: (key, iv) => ({
      seal: (text) => through(new Encryptor(key, iv), text),
      open: (sealed) => through(new Decryptor(key, iv), sealed),
    }),
  };
}
