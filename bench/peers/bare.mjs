// node:crypto's GCM without anything around it: what a record or a stream of a keyring is held against.
import { createCipheriv } from 'node:crypto';
import { bytes } from '../work.mjs';

export function load() {
  const [key, iv] = [bytes(32, 1), bytes(12, 2)];
  const sealing = ({ size }) => {
    const text = bytes(size, 3);
    return {
      answer: async () => 'held',
      run() {
        const cipher = createCipheriv('aes-256-gcm', key, iv);
        return [cipher.update(text), cipher.final(), cipher.getAuthTag()];
      },
    };
  };
  return { custom: { record: sealing, stream: sealing } };
}
