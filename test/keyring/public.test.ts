// All that api.d.ts promises up to "From here on later work", used through the package's public entries: every member of
// Keyring, and every option of every member. What is used is recorded, and held against the declarations.

import { randomBytes } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import ts from 'typescript';
import { expect, it } from 'vitest';
import * as keystrata from '../../bindings/index.ts';
import * as node from '../../bindings/node.ts';

const api = ts.createSourceFile(
  'api.d.ts',
  readFileSync(new URL('../types/api.d.ts', import.meta.url), 'utf8'),
  ts.ScriptTarget.ES2022,
);
const LATER = /From here on later work/;
/** Secrets of later slots, and what stands for another kind of work. */
const UNSUPPORTED = new Set(['pin', 'deviceSecret', 'prf', 'credentialId', 'escrowKey', 'signer']);

const declaration = (name: string) =>
  api.statements.find((one) => 'name' in one && (one.name as ts.Node)?.getText(api) === name);

/** The names of the options that a type has, through the aliases of the file. */
function options(type: ts.Node | undefined): string[] {
  if (type === undefined) return [];
  if (ts.isTypeReferenceNode(type)) {
    const found = declaration(type.typeName.getText(api));
    if (found === undefined) return [];
    if (ts.isTypeAliasDeclaration(found)) return options(found.type);
    return ts.isInterfaceDeclaration(found) ? found.members.map((one) => one.name!.getText(api)) : [];
  }
  if (ts.isTypeLiteralNode(type)) return type.members.map((one) => one.name!.getText(api));
  if (ts.isIntersectionTypeNode(type) || ts.isUnionTypeNode(type)) return type.types.flatMap(options);
  if (ts.isParenthesizedTypeNode(type) || ts.isTypeOperatorNode(type)) return options(type.type);
  return ts.isArrayTypeNode(type) ? options(type.elementType) : [];
}

/** "member" and "member.option", of all that is promised now. */
function promised(): Set<string> {
  const keyring = declaration('Keyring') as ts.ClassDeclaration;
  const later = keyring.members.findIndex((one) => LATER.test(one.getFullText(api)));
  expect(later).toBeGreaterThan(20);
  const all = new Set<string>();
  for (const member of keyring.members.slice(0, later)) {
    const name = member.name!.getText(api);
    all.add(name);
    if (!ts.isMethodDeclaration(member)) continue;
    for (const { type } of member.parameters)
      for (const option of options(type)) if (!UNSUPPORTED.has(option)) all.add(`${name}.${option}`);
  }
  return all;
}

const used = new Set<string>();
/** The same object, or class, whose members and their options are recorded as they are used. */
function recorded<T extends object>(target: T): T {
  return new Proxy(target, {
    get(_target, key) {
      const name = key === Symbol.dispose ? '[Symbol.dispose]' : String(key); // as it is declared
      used.add(name);
      const value: unknown = Reflect.get(target, key, target);
      if (typeof value !== 'function') return value;
      return (...given: unknown[]) => {
        for (const one of given.flat())
          if (typeof one === 'object' && one !== null && !(one instanceof Uint8Array))
            for (const option of Object.keys(one)) used.add(`${name}.${option}`);
        return (value as (...p: unknown[]) => unknown).apply(target, given);
      };
    },
  });
}

it('every member and option that is promised does what it should', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'keystrata-public-'));
  const Keyring = recorded(keystrata.Keyring);
  const engine = await keystrata.createEngine();
  const work = { signal: new AbortController().signal, onProgress: () => undefined };
  const [first, second] = ['correct horse battery staple', 'staple battery horse correct'];
  const place = { engine, store: node.fileStore(join(folder, 'vault')), owner: 'alice' };

  const made = await Keyring.create({
    ...place,
    ...work,
    passphrase: first,
    iterations: 600_000,
    recovery: true,
    minLength: 28,
    profile: 'regulated',
  });
  const keyring = recorded(made.keyring);
  expect([keyring.owner, keyring.revision, keyring.locked]).toEqual(['alice', 1, false]);
  expect(await Keyring.exists({ store: place.store, owner: 'alice' })).toBe(true);
  const { id, slots, authenticated } = await Keyring.inspect({ store: place.store, owner: 'alice' });
  expect([id, slots.length, authenticated]).toEqual([keyring.id, 2, false]);
  const slot = slots.find(({ type }) => type === 'passphrase')!.id;

  const notes = await keyring.createDataKey({ space: 'notes' });
  const [photos] = await keyring.createDataKeys([{ space: 'photos' }]);
  expect(keyring.dataKey({ space: 'notes' }).id).toBe(notes.id);
  expect(keyring.dataKey({ id: photos!.id }).space).toBe('photos');
  const text = await keyring.encrypt('Dear diary', { space: 'notes', context: 'note/17' });
  const bytes = await keyring.encrypt(Uint8Array.of(1), { space: 'notes', context: '' });
  expect(await keyring.decryptText(text, { context: 'note/17' })).toBe('Dear diary');
  expect(await keyring.decrypt(bytes, { context: '' })).toEqual(Uint8Array.of(1));
  expect(keystrata.describe(text)).toEqual({ kind: 'record', keyId: notes.id, overhead: 57 });

  const file = randomBytes(40_000);
  const whole = await keyring.seal(file, { context: 'file' });
  expect(Buffer.from(await keyring.open(whole, { context: 'file' }))).toEqual(file);
  const through = new Blob([file])
    .stream()
    .pipeThrough(keyring.sealStream({ ...work, context: 'file', size: file.length }))
    .pipeThrough(keyring.openStream({ ...work, context: 'file', size: whole.length }));
  expect(Buffer.from(await new Response(through).arrayBuffer())).toEqual(file);
  expect(keystrata.describe(whole).kind).toBe('stream');

  await keyring.changePassphrase(first, second, { ...work, slot, rekey: false });
  const recoveryCode = await keyring.replaceRecoveryCode(work);
  await keyring.refresh();
  expect(keyring.inventory().map(({ role }) => role)).toEqual(['KEK', 'DEK', 'DEK', 'DEK']);
  keyring.lock();
  await expect(keyring.refresh()).rejects.toMatchObject({ code: 'ERR_DISPOSED' });

  const unlock = { ...place, ...work, allowWeak: false, idle: 60_000 };
  for (const secret of [{ passphrase: second, slot }, { recoveryCode }]) {
    const again = recorded(await Keyring.unlock({ ...unlock, ...secret }));
    expect(await again.decryptText(text, { context: 'note/17' })).toBe('Dear diary');
    again[Symbol.dispose]();
    expect(again.locked).toBe(true);
  }
  const operator = { operatorKey: randomBytes(32), operatorKeyId: '0f'.repeat(16) };
  const store = keystrata.memoryStore();
  const server = await Keyring.create({ engine, store, owner: 'server', ...operator, recovery: false });
  expect(server.recoveryCode).toBe('');
  expect((await Keyring.unlock({ engine, store, owner: 'server', ...operator })).id).toBe(server.keyring.id);
  for await (const owner of store.list()) await store.delete(owner, { ifVersion: (await store.get(owner))!.version });
  expect(await Keyring.exists({ store, owner: 'server' })).toBe(false);

  engine[Symbol.dispose]();
  rmSync(folder, { recursive: true });
  const missing = [...promised()].filter((one) => !used.has(one));
  expect(missing).toEqual([]);
  expect(promised().size).toBeGreaterThan(60);
});
