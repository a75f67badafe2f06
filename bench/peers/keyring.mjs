// What an application calls: records and streams through a keyring, and opening one.
import { createEngine, Keyring, memoryStore } from '../../build/keystrata.js';
import { bytes } from '../work.mjs';

const operator = { operatorKey: bytes(32, 11), operatorKeyId: '0b'.repeat(16) };

const POOL = { prefer: 'wasm', workers: 2 };

async function made(prefer, keys = 1) {
  const where = {
    engine: await createEngine(prefer === 'pool' ? POOL : { prefer }),
    store: memoryStore(),
    owner: 'bench',
  };
  const { keyring } = await Keyring.create({ ...where, ...operator, recovery: false });
  await keyring.createDataKeys(Array.from({ length: keys }, (_, i) => ({ space: `space ${i}` })));
  return { where, keyring };
}

export async function load(prefer) {
  const { keyring } = await made(prefer);
  const same = async () => 'held';
  return {
    custom: {
      record({ size }) {
        const text = bytes(size, 3);
        const p = { space: 'space 0', context: 'record/1' };
        return { answer: same, run: () => keyring.encrypt(text, p) };
      },
      async stream({ size, op = 'seal' }) {
        const p = { context: 'file' };
        const text = bytes(size, 3);
        if (op === 'seal') return { answer: same, run: () => keyring.seal(text, p) };
        const sealed = await keyring.seal(text, p);
        return { answer: same, run: () => keyring.open(sealed, p) };
      },
      async slot({ keys }) {
        const { keyring: own } = await made(prefer, keys);
        return { answer: same, run: () => own.replaceRecoveryCode() };
      },
      async rotate({ keys }) {
        const { keyring: own } = await made(prefer, keys);
        return { answer: same, run: () => own.rotateKek({ secrets: [operator] }) };
      },
      async unlock({ keys }) {
        const { where } = await made(prefer, keys);
        return {
          answer: same,
          async run() {
            const again = await Keyring.unlock({ ...where, ...operator });
            again.dataKey({ space: `space ${keys - 1}` });
            again.lock();
          },
        };
      },
    },
  };
}
