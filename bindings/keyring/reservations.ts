// What devices have reserved of a key: body field 4, {device: {kid: units}}. FORMATS §10; the limit is SP 800-38D §8.3.
//
//   unit   64 KiB of plaintext, rounded up, at least one a GCM call
//   used   the sum of all devices' entries: an entry is all that its device ever reserved, and never shrinks

import type { Body } from '../format/body.ts';
import type { Id } from '../format/ids.ts';

/** AES-GCM invocations with random IVs under one key. */
const MOST_UNITS = 2 ** 32;
const UNIT = 64 * 1024;

export const unitsOf = (bytes: number): number => Math.max(1, Math.ceil(bytes / UNIT));

export const limitOf = ({ policy }: Pick<Body, 'policy'>): number => Math.min(policy.units, MOST_UNITS);

/** Of every key, by all devices together. */
export function usedUnits({ reservations }: Pick<Body, 'reservations'>): Map<Id, number> {
  const sums = new Map<Id, number>();
  for (const units of reservations.values())
    for (const [kid, count] of units) sums.set(kid, (sums.get(kid) ?? 0) + count);
  return sums;
}

/** As much of the shares `wanted` as the limit leaves; keys that have nothing left are not in it. */
export function grantable(
  body: Pick<Body, 'policy' | 'reservations'>,
  wanted: ReadonlyMap<Id, number>,
): Map<Id, number> {
  const used = usedUnits(body);
  const granted = new Map<Id, number>();
  for (const [kid, share] of wanted) {
    const left = limitOf(body) - (used.get(kid) ?? 0);
    if (left > 0) granted.set(kid, Math.min(share, left));
  }
  return granted;
}

/** With these units added to the device's entry. */
export function reserved(
  { reservations }: Pick<Body, 'reservations'>,
  device: Id,
  granted: ReadonlyMap<Id, number>,
): Body['reservations'] {
  const own = new Map(reservations.get(device));
  for (const [kid, units] of granted) own.set(kid, (own.get(kid) ?? 0) + units);
  return new Map(reservations).set(device, own);
}
