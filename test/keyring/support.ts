// What the keyring's tests share: an engine, a keyring that opens fast, two stores.

import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { randomBytes } from 'node:crypto';
import { afterEach, beforeEach } from 'vitest';
import { createEngine, Keyring, KeystrataError, memoryStore, type Engine, type Store } from '../../bindings/index.ts';
import { EVENTS } from '../../bindings/format/audit.ts';
import type { Body } from '../../bindings/format/body.ts';
import { fileStore } from '../../bindings/node.ts';

export const OWNER = 'alice';
export const PASSPHRASE = 'correct horse battery staple';
/** Iterations that a test can afford: only with allowWeak. */
export const FEW = 1000;

/** A MEK by id opens a slot without any derivation. */
export const operator = () => ({ operatorKey: randomBytes(32), operatorKeyId: randomBytes(16).toString('hex') });
export type Operator = ReturnType<typeof operator>;

/** Each test has one of its own: what it leaves unlocked ends with it. */
export let engine: Engine;
beforeEach(async () => {
  engine = await createEngine();
});
afterEach(() => engine.dispose());

export interface World {
  store: Store;
  secret: Operator;
  keyring: Keyring;
  /** Another device: it shares nothing but the store. */
  unlock: () => Promise<Keyring>;
}

/** A keyring under an operator key, and no other secret. */
export async function world(store: Store = memoryStore()): Promise<World> {
  const secret = operator();
  const { keyring } = await Keyring.create({ engine, store, owner: OWNER, recovery: false, ...secret });
  return {
    store,
    secret,
    keyring,
    unlock: () => Keyring.unlock({ engine, store, owner: OWNER, memory: memoryStore(), ...secret }),
  };
}

/** The stores that every promise is held against, each with its end. */
export const STORES: readonly [name: string, open: () => { store: Store; end: () => void }][] = [
  ['memory', () => ({ store: memoryStore(), end: () => undefined })],
  [
    'file',
    () => {
      const folder = mkdtempSync(join(tmpdir(), 'keystrata-keyring-'));
      return { store: fileStore(folder), end: () => rmSync(folder, { recursive: true }) };
    },
  ],
];

/** The code of what it throws or rejects with; what is not ours fails the test; undefined where nothing is thrown. */
export async function codeOf(work: () => unknown): Promise<string | undefined> {
  try {
    await work();
    return undefined;
  } catch (error) {
    if (KeystrataError.is(error)) return error.code;
    throw error;
  }
}

/** What the log of a document tells: event and subject. */
export const events = ({ audit }: Pick<Body, 'audit'>): [event: string | undefined, subject: string][] =>
  audit.entries.map(({ event, subject }) => [EVENTS.get(event), subject]);

/** What looks like a wrapped key, and that nobody opens. */
export function wrapUnder(kek: string, length: number): Uint8Array {
  const wrap = randomBytes(length);
  wrap.set(Buffer.from(kek, 'hex'), 12);
  return new Uint8Array(wrap);
}

export const utf8 = (text: string): Uint8Array => new TextEncoder().encode(text);
