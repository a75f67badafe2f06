// What every runtime has to do, with the built package: all kinds of engine, with workers and without, over the file store.
// Ends with an error where anything differs. Run by scripts/runtimes.mjs.
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createEngine, Keyring, KeystrataError } from '../../build/keystrata.js';
import { fileMemory, fileStore } from '../../build/node.js';

const folder = mkdtempSync(join(tmpdir(), 'keystrata-'));
const kinds = [{ prefer: 'wasm' }, { prefer: 'webcrypto' }, {}, { prefer: 'wasm', workers: 2 }, { workers: 2 }];
const owner = 'ada';
const context = 'tour';
const text = new Uint8Array(4 << 20).map((_, i) => i * 31);

for (const [i, options] of kinds.entries()) {
  const engine = await createEngine(options);
  const store = fileStore(join(folder, `${i}`));
  const memory = fileMemory(join(folder, `${i} memory`));
  const passphrase = 'correct horse battery';
  const { keyring, recoveryCode } = await Keyring.create({ engine, store, owner, memory, passphrase });
  await keyring.createDataKey({ space: 'notes' });
  const record = await keyring.encrypt('held', { space: 'notes', context });
  const stream = await keyring.seal(text, { context });
  const { id } = await keyring.keypairs.create({ use: 'agree', kem: 'X-Wing' });
  keyring.lock();

  const again = await Keyring.unlock({ engine, store, owner, memory, recoveryCode });
  assert.equal(await again.decryptText(record, { context }), 'held');
  assert.deepEqual(await again.open(stream, { context }), text);
  assert.deepEqual(
    again.keypairs.list().map((pair) => pair.id),
    [id],
  );
  stream[stream.length >> 1] ^= 1;
  await assert.rejects(again.open(stream, { context }), (error) => KeystrataError.is(error, 'ERR_AUTHENTICATION'));
  again.lock();
  console.log(`${JSON.stringify(options)}: ${engine.kind}, ${engine.variant}`);
  engine.dispose();
}
rmSync(folder, { recursive: true });
