// What an application calls: records and streams through a keyring, and opening one.
import { createEngine, Keyring, memoryStore } from '../../build/keystrata.js';
import { bytes } from '../work.mjs';

const operator = { operatorKey: bytes(32, 11), operatorKeyId: '0b'.repeat(16) };

const POOL = { prefer: 'wasm', workers: 2 };

const PIECE = 1 << 20;

/** As who reads a file has it. */
function inPieces(given) {
  let at = 0;
  return new ReadableStream(
    {
      pull(controller) {
        controller.enqueue(given.subarray(at, (at += PIECE)));
        if (at >= given.length) controller.close();
      },
    },
    { highWaterMark: 1 },
  );
}

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
      /** A TransformStream, piece by piece; what comes out is dropped. */
      async flow({ size, op }) {
        const p = { context: 'file' };
        const text = bytes(size, 3);
        const given = op === 'seal' ? text : await keyring.seal(text, p);
        const through = () => (op === 'seal' ? keyring.sealStream(p) : keyring.openStream(p));
        return {
          answer: same,
          async run() {
            for await (const piece of inPieces(given).pipeThrough(through())) if (piece.length === 0) throw new Error();
          },
        };
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
