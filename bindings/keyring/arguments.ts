// What is asked is checked at the door: before any work, by name, saying what is wanted.

import { asInteger, utf8 } from '../core/bytes.ts';
import { KeystrataError } from '../core/errors.ts';
import type { KeyId } from '../engine/key.ts';
import { idOf, idBytes } from '../format/ids.ts';
import { passphraseLength, type Passphrase } from '../keys/passphrase.ts';
import { LEAST_ITERATIONS, LEAST_LENGTH, LEAST_PIN, MOST_ITERATIONS, MOST_LABEL, TARGET_ITERATIONS } from './policy.ts';
import type { Remembering, Where } from './types.ts';

const wanted = (what: string): KeystrataError => new KeystrataError('ERR_ARGUMENT', what);

/** An object of options; `undefined` is not one. */
export function asOptions<T extends object>(value: T, name: string): T {
  if (typeof value !== 'object' || (value as T | null) === null)
    throw wanted(`${name}: an object of options is wanted`);
  return value;
}

/** Well-formed text of 1 … 255 bytes of UTF-8: an owner, a space's name. */
export function asName(value: unknown, name: string): string {
  if (typeof value !== 'string') throw wanted(`${name}: a string is wanted`);
  const { length } = utf8(value, name);
  if (length < 1 || length > MOST_LABEL)
    throw wanted(`${name}: 1 to ${MOST_LABEL} bytes of UTF-8 are wanted, not ${length}`);
  return value;
}

/** Well-formed text of 0 … 255 bytes of UTF-8, for people. */
export function asLabel(value: unknown, name: string): string {
  if (value === '') return value;
  return asName(value, name);
}

/** 32 hex digits, made lower-case. */
export const asId = (value: unknown, name: string): KeyId => idOf(idBytes(value as KeyId, name));

function asStore(value: unknown): void {
  const store = value as Partial<Where['store']> | null | undefined;
  if (typeof store?.get !== 'function' || typeof store.put !== 'function')
    throw wanted('store: a Store is wanted, say fileStore("vault") or memoryStore()');
}

export function checkPlace(p: Pick<Where, 'store' | 'owner'>): void {
  asStore(asOptions(p, 'p').store);
  asName(p.owner, 'owner');
}

function checkMemory(value: unknown): void {
  const memory = value as Partial<Where['store']> | null | undefined;
  if (value !== undefined && (typeof memory?.get !== 'function' || typeof memory.put !== 'function'))
    throw wanted('memory: a RollbackMemory is wanted, say fileMemory("memory") from keystrata/node');
}

export function checkWhere(p: Where & Remembering): void {
  checkPlace(p);
  checkMemory(p.memory);
  const engine = p.engine as Partial<Where['engine']> | null | undefined;
  if (typeof engine?.generateKey !== 'function') throw wanted('engine: what createEngine() resolves to is wanted');
}

/** The iterations of a new slot: 600,000 … 10,000,000, fewer with `allowWeak`. */
export function asIterations(value: number | undefined, allowWeak: boolean | undefined): number {
  if (value === undefined) return TARGET_ITERATIONS;
  asInteger(value, 'iterations', 1, MOST_ITERATIONS);
  if (value < LEAST_ITERATIONS && allowWeak !== true)
    throw wanted(`iterations: at least ${LEAST_ITERATIONS} are wanted, fewer make guessing cheap`);
  return value;
}

/** A floor for new passphrases. Length is what a person can see; it is no measure of strength, only the least of it. */
export function checkLength(passphrase: Passphrase, minLength: number = LEAST_LENGTH): void {
  asInteger(minLength, 'minLength', 1, 1024);
  const length = passphraseLength(passphrase);
  if (length < minLength)
    throw wanted(
      `passphrase: ${length} characters are few enough to be guessed; take at least ${minLength}, four or five random words are easy to remember`,
    );
}

/** A floor for new PINs: what bounds the guessing is the device's counter. */
export function checkPin(pin: Passphrase): void {
  const length = passphraseLength(pin, 'PIN');
  if (length < LEAST_PIN) throw wanted(`PIN: at least ${LEAST_PIN} characters are wanted, not ${length}`);
}
