// Sealing a file of any size in constant memory: node examples/file-stream.mjs [FILE]
// The file gets a key of its own, which travels with it, wrapped. Each 16 KiB chunk is verified before it leaves.
import { createReadStream, createWriteStream } from 'node:fs';
import { mkdtemp, readFile, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { Readable, Writable } from 'node:stream';
import { fileURLToPath } from 'node:url';
import { createEngine, Keyring, memoryStore } from 'keystrata';

const file = process.argv[2] ?? fileURLToPath(import.meta.url);
const folder = await mkdtemp(join(tmpdir(), 'stream-'));
const { keyring } = await Keyring.create({
  engine: await createEngine(),
  store: memoryStore(),
  owner: 'alice',
  passphrase: 'a passphrase that a person types',
});

const through = (from, stream, to) =>
  Readable.toWeb(createReadStream(from))
    .pipeThrough(stream)
    .pipeTo(Writable.toWeb(createWriteStream(to)));
const context = basename(file); // bound to the sealed file, not stored in it: opening needs it again
const { size } = await stat(file);
const onProgress = (fraction) => process.stderr.write(`\r${Math.round(100 * fraction)} %`);

await through(file, keyring.sealStream({ context, size, onProgress }), join(folder, 'sealed'));
await through(join(folder, 'sealed'), keyring.openStream({ context }), join(folder, 'opened'));
const same = (await readFile(file)).equals(await readFile(join(folder, 'opened')));
console.log(
  `\n${file}: ${size} bytes sealed in ${(await stat(join(folder, 'sealed'))).size}, opened again: ${same ? 'the same' : 'DIFFERENT'}`,
);
keyring.lock();
process.exitCode = same ? 0 : 1;
