// The core alone, in a worker: node examples/worker.mjs
// keystrata/core is synchronous and needs nothing else: long work belongs off the main thread. The same file is both sides.
import { randomBytes } from 'node:crypto';
import { isMainThread, parentPort, Worker } from 'node:worker_threads';
import { fileURLToPath } from 'node:url';
import { loadCore } from 'keystrata/core';

if (isMainThread) {
  const worker = new Worker(fileURLToPath(import.meta.url));
  const text = Buffer.from('sealed in one thread, opened in the same, never blocking this one');
  worker.postMessage({ password: Buffer.from('correct horse'), salt: randomBytes(16), iv: randomBytes(12), text });
  worker.once('message', ({ variant, sealed, opened }) => {
    console.log(`core: ${variant}; ${text.length} bytes -> ${sealed.length}; ${Buffer.from(opened)}`);
    void worker.terminate();
  });
} else {
  const core = await loadCore();
  parentPort.on('message', ({ password, salt, iv, text }) => {
    const key = core.pbkdf2Sha256(password, { salt, iterations: 600_000, length: 32 });
    const cipher = core.aes256gcm(key);
    key.fill(0); // the core has its own copy now
    const sealed = cipher.encrypt(iv, text);
    const opened = cipher.decrypt(iv, sealed);
    cipher[Symbol.dispose]();
    parentPort.postMessage({ variant: core.variant, sealed, opened });
  });
}
