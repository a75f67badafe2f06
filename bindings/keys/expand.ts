// X(key, label, ids…, n) = HKDF-Expand-SHA256(prk = key, info = label ‖ 00 ‖ ids concatenated, n). FORMATS §0.
//
// All keys that come out of a key of this package come out here (a stream's chunk key apart: cobblestone.ts).

import { concat, utf8 } from '../core/bytes.ts';
import type { Bytes, Out } from '../core/bytes.ts';
import type { As, Engine } from '../engine/engine.ts';
import type { Key, Purpose } from '../engine/key.ts';

const KEY = 32;
const SEPARATOR = new Uint8Array(1);

/** `keys` become keys in the core, 32 bytes each from `at` on; `rest` is the others. */
export const expandKeys = <P extends Purpose>(
  engine: Engine,
  prk: Key<'derive'>,
  p: { label: string; ids: readonly Bytes[]; length: number; keys: readonly (As<P> & { at: number })[] },
): { keys: Key<P>[]; rest: Out } =>
  engine.expand(prk, {
    hash: 'SHA-256',
    info: concat(utf8(p.label, 'label'), SEPARATOR, ...p.ids),
    length: p.length,
    keys: p.keys,
  });

/** The first 32 bytes become a key in the core; `rest`, the other n - 32, is public. */
export function X<P extends Purpose>(
  engine: Engine,
  prk: Key<'derive'>,
  { as, ...p }: { label: string; ids: readonly Bytes[]; length: number; as: As<P> },
): { key: Key<P>; rest: Out } {
  const { keys, rest } = expandKeys(engine, prk, { ...p, keys: [{ at: 0, ...as }] });
  return { key: keys[0]!, rest };
}

/** X of one key and nothing else. */
export const expandKey = <P extends Purpose>(
  engine: Engine,
  prk: Key<'derive'>,
  p: { label: string; ids: readonly Bytes[]; as: As<P> },
): Key<P> => X(engine, prk, { ...p, length: KEY }).key;
