// node memory.mjs PREFER MIB: a stream of so many MiB sealed and opened at once, chunk by chunk; prints the most bytes the process held.
// PREFER is what the engine is asked for; "none" only makes and drops the chunks.
import { createEngine, Keyring, memoryStore } from '../build/keystrata.js';

const [prefer, mib] = [process.argv[2], Number(process.argv[3])];
const PIECE = 1 << 16;

/** One piece over and over, as who reads a file into one buffer has it. */
function source() {
  const piece = new Uint8Array(PIECE);
  let left = (mib << 20) / PIECE;
  return new ReadableStream(
    { pull: (controller) => (left-- > 0 ? controller.enqueue(piece) : controller.close()) },
    { highWaterMark: 1 },
  );
}

let flow = source();
if (prefer !== 'none') {
  const engine = await createEngine({ prefer });
  const operator = { operatorKey: new Uint8Array(32).fill(1), operatorKeyId: '0b'.repeat(16) };
  const { keyring } = await Keyring.create({ engine, store: memoryStore(), owner: 'm', ...operator, recovery: false });
  const context = 'memory';
  flow = flow.pipeThrough(keyring.sealStream({ context })).pipeThrough(keyring.openStream({ context }));
}
let length = 0;
for await (const piece of flow) length += piece.length;
if (length !== mib << 20) throw new Error(`${length} bytes came out`);
console.log(process.resourceUsage().maxRSS * 1024);
process.exit();
