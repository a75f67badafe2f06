// The main job, end to end, on a file of yours: npm start [-- FILE]
// In a fresh temporary folder: makes a keyring, seals FILE (the README if none), opens it, compares, shows what wraps
// what, that the recovery code opens too, and what a wrong passphrase and a flipped bit give. Exits 0 only where all held.
import { execFileSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { createReadStream, createWriteStream, mkdtempSync, rmSync, statSync } from 'node:fs';
import { open, readFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, dirname, join, resolve } from 'node:path';
import { Readable, Writable } from 'node:stream';
import { fileURLToPath } from 'node:url';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const file = process.argv[2] === undefined ? join(root, 'README.md') : resolve(process.argv[2]);
if (!statSync(file, { throwIfNoEntry: false })?.isFile()) {
  console.error(`${file}: no such file; npm start -- FILE seals and opens a file of yours`);
  process.exit(1);
}
const failures = [];
const folder = mkdtempSync(join(tmpdir(), 'keystrata-start-'));
process.env.KEYSTRATA_MEMORY = join(folder, 'memory'); // what this device knows of a keyring that is gone soon
const clean = () => rmSync(folder, { recursive: true, force: true });
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'])
  process.on(signal, () => {
    clean();
    process.exit(130);
  });

try {
  execFileSync(process.execPath, [join(root, 'scripts/build.mjs')], { stdio: 'inherit' });
  await main();
} catch (error) {
  failures.push(error.message);
  console.error(error);
} finally {
  clean();
}
console.log(failures.length === 0 ? '\nAll of it held.' : `\nNot all of it held:\n  ${failures.join('\n  ')}`);
process.exit(failures.length === 0 ? 0 : 1);

async function main() {
  const { createEngine, describe, Keyring } = await import('../build/keystrata.js');
  const { fileStore } = await import('../build/node.js');
  const { version } = JSON.parse(await readFile(join(root, 'package.json'), 'utf8'));
  const size = statSync(file).size;
  const name = basename(file);
  const [sealed, opened] = [join(folder, `${name}.sealed`), join(folder, name)];
  const store = fileStore(join(folder, 'keyring'));
  const owner = 'alice';
  const passphrase = randomBytes(18).toString('base64'); // shown to nobody
  const context = name;

  const times = [];
  const timed = async (step, work) => {
    const began = performance.now();
    const result = await work();
    times.push([step, performance.now() - began]);
    return result;
  };

  console.log(`\nkeystrata ${version}: from a passphrase to a sealed file, and back`);
  const engine = await timed('core compiled, engine ready', () => createEngine());
  const made = await timed('keyring made', () => Keyring.create({ engine, store, owner, passphrase }));
  const notes = await timed('data key made', () => made.keyring.createDataKey({ space: 'notes' }));
  const record = await timed('record of 10 bytes sealed', () => notes.encrypt('Dear diary', { context: 'note/17' }));
  await timed(`${name} sealed`, () => pipe(file, made.keyring.sealStream({ context }), sealed));
  made.keyring.lock();

  const keyring = await timed('keyring unlocked again', () => Keyring.unlock({ engine, store, owner, passphrase }));
  await timed(`${name} opened`, () => pipe(sealed, keyring.openStream({ context }), opened));
  const text = await timed('record opened', () => keyring.decryptText(record, { context: 'note/17' }));
  const same = await timed('compared', () => equal(file, opened));

  const prefix = await head(sealed, 143);
  const { keyId } = describe(await head(sealed, 143 + 56 + 16)); // as much as the smallest stream has: it says the same
  const { id, slots, revision } = await Keyring.inspect({ store, owner });
  const keys = keyring.inventory();
  const kek = keys.find((key) => key.role === 'KEK');
  show({
    engine,
    file,
    size,
    id,
    revision,
    owner,
    slots,
    keys,
    kek,
    streamKey: prefix.subarray(7, 23).toString('hex'),
    name,
  });
  console.log('\nTimes');
  for (const [step, ms] of times) console.log(`  ${step.padEnd(44)} ${ms.toFixed(1).padStart(9)} ms`);

  console.log('\nChecks');
  check('what was opened is what was sealed', same, `${grouped(size)} bytes`);
  check('the record says what it said', text === 'Dear diary');
  check('the sealed file asks for this KEK', keyId === kek.id);
  const byCode = await Keyring.unlock({ engine, store, owner, recoveryCode: made.recoveryCode });
  check('the recovery code opens it too', (await byCode.decryptText(record, { context: 'note/17' })) === text);
  byCode.lock();
  const wrong = await codeOf(() => Keyring.unlock({ engine, store, owner, passphrase: `${passphrase}!` }));
  check('a wrong passphrase is refused', wrong === 'ERR_WRONG_SECRET', wrong);
  const elsewhere = await codeOf(() => pipe(sealed, keyring.openStream({ context: 'another name' }), null));
  check('another context is refused', elsewhere === 'ERR_AUTHENTICATION', elsewhere);
  await flip(sealed);
  const flipped = await codeOf(() => pipe(sealed, keyring.openStream({ context }), null));
  check('one flipped bit is refused', flipped === 'ERR_AUTHENTICATION', flipped);
  keyring.lock();
  const locked = await codeOf(() => keyring.decrypt(record, { context: 'note/17' }));
  check('a locked keyring opens nothing', locked === 'ERR_DISPOSED', locked);
  engine[Symbol.dispose]();
}

function show({ engine, file, size, id, revision, owner, slots, keys, kek, streamKey, name }) {
  console.log(`
  core     ${engine.variant} build of the WebAssembly core (engine "${engine.kind}")
  file     ${file}, ${grouped(size)} bytes
  keyring  ${id} of "${owner}", revision ${revision}

What wraps what`);
  for (const { id, type, iterations } of slots)
    console.log(`  ${(type === 'recovery' ? 'recovery code' : type).padEnd(13)} ─► MEK by ${iterations ? `PBKDF2-HMAC-SHA256, ${grouped(iterations)} iterations` : 'HKDF-Extract-SHA256'}
                   └─► slot ${id} ─► KEK`);
  console.log(`
  KEK    ${kek.id}, ${kek.state}`);
  const under = [
    ...keys
      .filter((key) => key.role === 'DEK')
      .map(
        (key) =>
          `DEK    ${key.id}, ${key.state}, ${key.space ? `of the space "${key.space}"` : "of the keyring's own private part"}`,
      ),
    `DEK    ${streamKey}, of this stream alone; wrapped inside ${name}.sealed`,
  ];
  under.forEach((text, i) => console.log(`  ${i === under.length - 1 ? '└──' : '├──'} ${text}`));
}

function check(claim, held, shown = '') {
  console.log(`  ${held ? '✓' : '✗'} ${claim.padEnd(42)} ${shown}`.trimEnd());
  if (!held) failures.push(claim);
}

function pipe(from, transform, to) {
  const sink = to === null ? new WritableStream() : Writable.toWeb(createWriteStream(to));
  return Readable.toWeb(createReadStream(from)).pipeThrough(transform).pipeTo(sink);
}

async function codeOf(work) {
  try {
    await work();
    return 'nothing';
  } catch (error) {
    return error.code ?? error.message;
  }
}

async function head(path, length) {
  const handle = await open(path);
  const { buffer, bytesRead } = await handle.read(Buffer.alloc(length), 0, length, 0);
  await handle.close();
  return buffer.subarray(0, bytesRead);
}

async function flip(path) {
  const handle = await open(path, 'r+');
  const at = (await handle.stat()).size >> 1;
  const { buffer } = await handle.read(Buffer.alloc(1), 0, 1, at);
  buffer[0] ^= 1;
  await handle.write(buffer, 0, 1, at);
  await handle.close();
}

async function equal(one, other) {
  if (statSync(one).size !== statSync(other).size) return false;
  const others = createReadStream(other)[Symbol.asyncIterator]();
  for await (const chunk of createReadStream(one)) if (!chunk.equals((await others.next()).value)) return false;
  return true;
}

function grouped(n) {
  return n.toLocaleString('en-US');
}
