// HKDF-SHA256 and HKDF-SHA512 into slots: no byte of a key comes out. RFC 5869.
//
//   OKM   [ rest ][ key: 32 ][ rest ][ key: 32 ] …      at most 128 bytes; keys do not overlap
//
// Secret: PRK, keys. Public: info, the rest of OKM, lengths and places.

import { asBytes, asInteger, still, type Bytes, type Out } from '../core/bytes.ts';
import { KeystrataError } from '../core/errors.ts';
import { update } from '../core/hash.ts';
import type { Instance } from '../core/instance.ts';
import { good } from '../core/status.ts';
import type { As } from './engine.ts';
import type { Key, Purpose } from './key.ts';
import type { Slots } from './slots.ts';

export type Expansion<P extends Purpose> = Parameters<typeof expandTo<P>>[3];

const OKM_MOST = 128;
const KEY_LENGTH = 32;
/** By name: the number the core knows it by, and the octets of T(i). */
const HASHES = { 'SHA-256': { hash: 256, length: 32 }, 'SHA-512': { hash: 512, length: 64 } } as const;

/** HKDF-Expand, §2.3, from the PRK in `slot`. */
export function expandTo<P extends Purpose>(
  core: Instance,
  slots: Slots,
  slot: number,
  p: { hash: keyof typeof HASHES; info: Bytes; length: number; keys: readonly (As<P> & { at: number })[] },
): { keys: Key<P>[]; rest: Out } {
  const { hash, length: blockLength } = asHash(p.hash);
  asBytes(p.info, 'info');
  const length = asInteger(p.length, 'length', 1, OKM_MOST);
  const gaps = gapsBetween(p.keys, length);
  const { abi, door } = core;
  const keys: Key<P>[] = [];
  try {
    good(abi.hkdfBegin(hash, slot));
    door.use(() => {
      for (let i = 1; i <= Math.ceil(length / blockLength); i++) {
        good(abi.hkdfNext());
        if (hash === 256) update(core, p.info);
        else door.feed(0, p.info, (at, piece) => good(abi.sha512Update(at, piece)));
        good(abi.hkdfDone());
      }
    });
    for (const as of p.keys) keys.push(slots.make(as, (target) => good(abi.hkdfKey(as.at, target))));
    return { keys, rest: takeRest(core, gaps) };
  } catch (error) {
    for (const key of keys) key.dispose();
    throw error;
  } finally {
    abi.hkdfEnd();
  }
}

function asHash(name: keyof typeof HASHES): (typeof HASHES)[keyof typeof HASHES] {
  if (!Object.hasOwn(HASHES, name))
    throw new KeystrataError('ERR_ARGUMENT', `hash: one of ${Object.keys(HASHES).join(', ')} is wanted`);
  return HASHES[name];
}

/** What of OKM is no key, in order. ERR_ARGUMENT where keys overlap or reach beyond it. */
function gapsBetween(keys: readonly { at: number }[], length: number): { from: number; length: number }[] {
  const places = keys.map(({ at }) => asInteger(at, 'at', 0, length - KEY_LENGTH)).sort((a, b) => a - b);
  const gaps: { from: number; length: number }[] = [];
  let from = 0;
  for (const at of [...places, length]) {
    if (at < from) throw new KeystrataError('ERR_ARGUMENT', 'keys: two of them overlap');
    gaps.push({ from, length: at - from });
    from = at + KEY_LENGTH;
  }
  return gaps;
}

function takeRest({ abi, door }: Instance, gaps: readonly { from: number; length: number }[]): Out {
  const rest = still(gaps.reduce((sum, gap) => sum + gap.length, 0));
  let place = 0;
  for (const gap of gaps) {
    door.use(() => {
      const at = door.room(0, gap.length);
      good(abi.hkdfBytes(gap.from, gap.length, at));
      door.copyOut(at, gap.length, rest, place);
    });
    place += gap.length;
  }
  return rest;
}
