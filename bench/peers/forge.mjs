// node-forge: JavaScript over binary strings.
import forge from 'node-forge';

const binary = (bytes) => Buffer.from(bytes).toString('latin1');
const from = (text) => Buffer.from(text, 'latin1');

export function load() {
  return {
    gcm: (key, iv) => ({
      seal(text) {
        const cipher = forge.cipher.createCipher('AES-GCM', binary(key));
        cipher.start({ iv: binary(iv), tagLength: 128 });
        cipher.update(forge.util.createBuffer(text));
        cipher.finish();
        return Buffer.concat([from(cipher.output.getBytes()), from(cipher.mode.tag.getBytes())]);
      },
      open(sealed) {
        const cipher = forge.cipher.createDecipher('AES-GCM', binary(key));
        cipher.start({ iv: binary(iv), tagLength: 128, tag: forge.util.createBuffer(sealed.subarray(-16)) });
        cipher.update(forge.util.createBuffer(sealed.subarray(0, -16)));
        if (!cipher.finish()) throw new Error('wrong tag');
        return from(cipher.output.getBytes());
      },
    }),
  };
}
