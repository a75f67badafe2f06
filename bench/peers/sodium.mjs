// libsodium compiled to WebAssembly. Another cipher, marked so: `sodium:xchacha` XChaCha20-Poly1305, `sodium:aegis` AEGIS-256.
import sodium from 'libsodium-wrappers-sumo';
import { bytes } from '../work.mjs';

export async function load(which) {
  await sodium.ready;
  const nonce = bytes(which === 'aegis' ? 32 : 24, 10);
  const [seal, open] =
    which === 'aegis'
      ? [sodium.crypto_aead_aegis256_encrypt, sodium.crypto_aead_aegis256_decrypt]
      : [sodium.crypto_aead_xchacha20poly1305_ietf_encrypt, sodium.crypto_aead_xchacha20poly1305_ietf_decrypt];
  return {
    gcm: (key) => ({
      seal: (text) => seal(text, null, null, nonce, key),
      open: (sealed) => open(null, sealed, null, nonce, key),
    }),
  };
}
