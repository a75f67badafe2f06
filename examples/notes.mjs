// A notes app in thirty lines: node examples/notes.mjs [FOLDER]
// Each note is one record, bound to its name: a note cannot be passed off as another, nor another person's as yours.
import { mkdir, mkdtemp, readFile, readdir, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createEngine, Keyring } from 'keystrata';
import { fileStore } from 'keystrata/node';

const folder = process.argv[2] ?? (await mkdtemp(join(tmpdir(), 'notes-')));
const notes = join(folder, 'notes');
const passphrase = 'a passphrase that a person types'; // ask for it; never keep it
await mkdir(notes, { recursive: true });

const where = { engine: await createEngine(), store: fileStore(join(folder, 'keyring')), owner: 'alice' };
let keyring;
if (await Keyring.exists(where)) keyring = await Keyring.unlock({ ...where, passphrase });
else {
  const made = await Keyring.create({ ...where, passphrase });
  keyring = made.keyring;
  if (made.recoveryCode) console.log('Write this down, it is shown once:\n ', made.recoveryCode);
  await keyring.createDataKey({ space: 'notes' });
}

const write = async (name, text) =>
  writeFile(join(notes, name), await keyring.encrypt(text, { space: 'notes', context: `note/${name}` }));
const read = async (name) => keyring.decryptText(await readFile(join(notes, name)), { context: `note/${name}` });

await write('diary', 'Dear diary, today nobody read you.');
await write('shopping', 'bread, salt, iron');
for (const name of await readdir(notes)) console.log(`${name}: ${await read(name)}`);
keyring.lock(); // wipes every key; the notes on disk stay what they are: sealed
