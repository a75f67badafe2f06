// What a change enters is wrapped under the KEK of the document it goes into. A key that was wrapped while another call replaced
// the KEK would be lost: it is not entered.

import { conflictError } from '../core/errors.ts';
import type { Body } from '../format/body.ts';
import { WRAP } from '../format/cose-encrypt0.ts';
import { ID_LENGTH, idOf, type Id } from '../format/ids.ts';

type Wrapped = { readonly wrapped: Uint8Array | null };

const isUnder = (kek: Id, { wrapped }: Wrapped): boolean =>
  wrapped === null ||
  (wrapped.length >= WRAP.kidAt + ID_LENGTH && idOf(wrapped.subarray(WRAP.kidAt, WRAP.kidAt + ID_LENGTH)) === kek);

/** ConflictError where a wrap that was not in the body before names another KEK. */
export function checkUnderKek(kek: Id, before: Body, after: Body): void {
  const check = <T extends Wrapped>(
    was: ReadonlyMap<Id, T>,
    is: ReadonlyMap<Id, T>,
    own: (one: T) => boolean,
  ): void => {
    if (was === is) return;
    for (const [id, one] of is)
      if (one.wrapped !== was.get(id)?.wrapped && own(one) && !isUnder(kek, one))
        throw conflictError('the key encryption key was replaced meanwhile: nothing was written, do it again');
  };
  check(before.keys, after.keys, ({ type }) => type !== 'granted'); // they lie under a space key
  check(before.keypairs, after.keypairs, () => true);
  check(before.oldKeks, after.oldKeks, () => true);
}
