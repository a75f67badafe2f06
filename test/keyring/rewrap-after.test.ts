// Envelopes, sealed files and indexes from one KEK to the next and the one after: what was sealed opens, and is re-wrapped.

import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { describe, type Keyring } from '../../bindings/index.ts';
import { rewrapFile } from '../../bindings/node.ts';
import { codeOf, utf8, world } from './support.ts';

const kekOf = (keyring: Keyring): string => keyring.inventory()[0]!.id;

it('three KEKs: each of their time opens under the last, and is brought under it', async () => {
  const { keyring, secret, unlock } = await world();
  await keyring.createIndexKey({ space: 's' });
  const index = await keyring.index('x', { space: 's', field: 'f' });
  const envelopes: Uint8Array[] = [];
  const files: Uint8Array[] = [];
  for (let i = 0; i < 3; i++) {
    if (i > 0) await keyring.rotateKek({ secrets: [secret] });
    envelopes.push(await keyring.sealEnvelope(`envelope ${i}`, { context: `${i}` }));
    files.push(await keyring.seal(utf8(`file ${i}`), { context: `${i}` }));
  }
  expect(new Set(envelopes.map((one) => describe(one).keyId)).size).toBe(3);
  const again = await unlock();
  for (const one of [keyring, again]) {
    expect(await one.index('x', { space: 's', field: 'f' })).toEqual(index);
    for (let i = 0; i < 3; i++) {
      expect(await one.decryptText(envelopes[i]!, { context: `${i}` })).toBe(`envelope ${i}`);
      expect(await one.open(files[i]!, { context: `${i}` })).toEqual(utf8(`file ${i}`));
      for (const thing of [envelopes[i]!, files[i]!])
        expect(describe(await one.rewrap(thing)).keyId).toBe(kekOf(keyring));
    }
  }
  const folder = mkdtempSync(join(tmpdir(), 'keystrata-after-'));
  const path = join(folder, 'file');
  writeFileSync(path, files[0]!);
  expect(await rewrapFile(again, path)).toBe(true);
  await again.rotateKek({ secrets: [secret] });
  expect(await rewrapFile(again, path)).toBe(true);
  expect(await rewrapFile(again, path)).toBe(false);
  expect(await again.open(readFileSync(path), { context: '0' })).toEqual(utf8('file 0'));
  rmSync(folder, { recursive: true });
});

it('a compromised KEK still opens what it wrapped; re-wrapping brings it under the next', async () => {
  const { keyring, secret } = await world();
  const sealed = await keyring.sealEnvelope('text', { context: '' });
  const before = kekOf(keyring);
  await keyring.rotateKek({ secrets: [secret], reason: 'compromised' });
  expect(keyring.inventory().find(({ id }) => id === before)?.state).toBe('compromised');
  expect(await keyring.decryptText(sealed, { context: '' })).toBe('text');
  const after = await keyring.rewrap(sealed);
  expect(describe(after).keyId).toBe(kekOf(keyring));
  expect(await keyring.decryptText(after, { context: '' })).toBe('text');
});

it('sealed, opened and re-wrapped while the KEK is replaced: all of it opens, under the one or the other', async () => {
  const { keyring, secret } = await world();
  const before = await keyring.sealEnvelope('before', { context: '' });
  for (let round = 0; round < 5; round++) {
    const rotating = keyring.rotateKek({ secrets: [secret] });
    const sealing: Promise<Uint8Array>[] = [];
    const opening: Promise<string>[] = [];
    for (let i = 0; i < 300; i++) {
      sealing.push(keyring.sealEnvelope(`${i}`, { context: `${i}` }), keyring.rewrap(before));
      opening.push(keyring.decryptText(before, { context: '' }));
      await Promise.resolve();
    }
    await rotating;
    expect(new Set(await Promise.all(opening))).toEqual(new Set(['before']));
    for (const [i, sealed] of (await Promise.all(sealing)).entries()) {
      const context = i % 2 === 0 ? `${i / 2}` : '';
      expect(await keyring.decryptText(sealed, { context })).toBe(i % 2 === 0 ? `${i / 2}` : 'before');
      expect(describe(await keyring.rewrap(sealed)).keyId).toBe(kekOf(keyring));
    }
  }
});

it('of another device that has not seen the new KEK: a conflict that says what to do, not a missing key', async () => {
  const { keyring, secret, unlock } = await world();
  const behind = await unlock();
  await keyring.rotateKek({ secrets: [secret] });
  const sealed = await keyring.sealEnvelope('text', { context: '' });
  for (const work of [() => behind.decrypt(sealed, { context: '' }), () => behind.rewrap(sealed)])
    expect(await codeOf(work)).toBe('ERR_CONFLICT');
  behind.lock();
  expect(await (await unlock()).decryptText(sealed, { context: '' })).toBe('text');
});
