// The command on a file of 2 GiB: sealed and opened as a person does it, within 150 MB of memory. Linux.

import { spawn } from 'node:child_process';
import { createHash, randomFillSync } from 'node:crypto';
import { closeSync, createReadStream, mkdtempSync, openSync, readFileSync, rmSync, statSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { cobblestoneSize, STREAM_PREFIX_LENGTH } from '../../bindings/format/stream.ts';
import { COMMAND, PASSPHRASE } from '../cli/support.ts';
import { rate } from './streams.ts';

const LENGTH = 2 ** 31 + 5;
const MOST_MB = 150;

const folder = mkdtempSync(join(tmpdir(), 'keystrata-long-'));
const file = join(folder, 'big.bin');
afterAll(() => rmSync(folder, { recursive: true }));

/** A file whose every MiB is another. */
function make(path: string, length: number): void {
  const piece = randomFillSync(Buffer.alloc(2 ** 20));
  const out = openSync(path, 'wx');
  for (let done = 0; done < length; done += piece.length) {
    piece.writeUInt32BE(done / piece.length);
    writeSync(out, piece, 0, Math.min(piece.length, length - done));
  }
  closeSync(out);
}

async function digest(path: string): Promise<string> {
  const hash = createHash('sha256');
  for await (const piece of createReadStream(path, { highWaterMark: 2 ** 20 })) hash.update(piece as Buffer);
  return hash.digest('hex');
}

/** Runs the command to its end: the most memory it held, in MB. */
async function run(args: readonly string[]): Promise<number> {
  const peak = join(folder, 'peak');
  const began = performance.now();
  const child = spawn(
    process.execPath,
    ['--import', join(import.meta.dirname, 'peak.mjs'), COMMAND, ...args, '--passphrase-stdin', '--quiet'],
    { env: { ...process.env, PEAK_FILE: peak, KEYSTRATA_KEYRING: join(folder, 'keyring') }, stdio: 'pipe' },
  );
  let said = '';
  child.stderr.on('data', (text: Buffer) => (said += text.toString()));
  child.stdout.resume();
  child.stdin.end(`${PASSPHRASE}\n`);
  const code = await new Promise((resolve) => child.on('close', resolve));
  expect(code, said).toBe(0);
  const mb = (Number(readFileSync(peak, 'utf8')) * 1024) / 1e6;
  console.log(`keystrata ${args[0]}: ${mb.toFixed(0)} MB, ${rate(args[0] === 'init' ? 0 : LENGTH, began)}`);
  return mb;
}

beforeAll(async () => {
  make(file, LENGTH);
  await run(['init']);
}, 600_000);

test('2 GiB, sealed and opened again', async () => {
  expect(await run(['seal', file])).toBeLessThan(MOST_MB);
  expect(statSync(`${file}.sealed`).size).toBe(STREAM_PREFIX_LENGTH + cobblestoneSize(LENGTH));
  const opened = join(folder, 'opened.bin');
  expect(await run(['open', `${file}.sealed`, '-o', opened])).toBeLessThan(MOST_MB);
  expect(statSync(opened).size).toBe(LENGTH);
  expect(await digest(opened)).toBe(await digest(file));
});
