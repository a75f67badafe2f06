// The program of a pool's worker as it is built, watched: on a port of its own it tells what lies in its core's memory and in the
// buffers in which keys came.
import { parentPort, workerData } from 'node:worker_threads';

const memories = [];
WebAssembly.Instance = class extends WebAssembly.Instance {
  constructor(...p) {
    super(...p);
    memories.push(this.exports.memory);
  }
};

/** Views of what came, and what it was then. */
const came = [];
const on = parentPort.on.bind(parentPort);
parentPort.on = (name, listener) =>
  on(name, (message) => {
    const { kind, bytes } = message;
    if (kind === 'key') came.push({ view: new Uint8Array(bytes), was: Uint8Array.from(new Uint8Array(bytes)) });
    listener(message);
  });

workerData.on('message', () => {
  workerData.postMessage({
    memory: Uint8Array.from(new Uint8Array(memories[0].buffer)),
    keys: came.map(({ was }) => was),
    left: came.map(({ view }) => Uint8Array.from(view)),
  });
});

await import('../../build/worker.js');
