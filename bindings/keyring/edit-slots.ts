// Changes of the slots: one more, one less, another name. Each is a function of whatever document is current, and heeds
// what must be true of the slots afterwards. FORMATS §3.

import { conflictError } from '../core/errors.ts';
import type { Id } from '../format/ids.ts';
import type { PrivatePart } from '../format/private-part.ts';
import type { Slot } from '../format/slot.ts';
import type { Change, Difference } from './change.ts';
import type { Snapshot } from './snapshot.ts';
import { checkWaysIn } from './ways-in.ts';

/** Bytes that a slot takes at most in the private part: its label, its public key (X-Wing), its seal key, ids and heads. */
export const ENTRY = 2048;

/** A slot and its name. */
export interface Entered {
  readonly slot: Slot;
  readonly label: string;
}

/** ConflictError where the KEK that the slot leads to is the keyring's no more. */
export const entered =
  ({ slot, label }: Entered, kek: Id): Change =>
  ({ header, private: opened }) => {
    if (header.kek !== kek) throw conflictError('the KEK was replaced meanwhile: do it again');
    const slots = [...header.slots, slot];
    checkWaysIn(slots);
    return {
      header: { slots },
      ...labelled(opened, slot.id, label),
      events: [{ event: 'slot add', subject: slot.id }],
    };
  };

/** ConflictError where it is gone already. */
export const removed =
  (id: Id): Change =>
  ({ header, private: opened }) => {
    there(header, id);
    const slots = header.slots.filter((slot) => slot.id !== id);
    checkWaysIn(slots);
    return { header: { slots }, ...labelled(opened, id, ''), events: [{ event: 'slot remove', subject: id }] };
  };

/** ConflictError where the slot is gone. */
export const renamed =
  (id: Id, label: string): Change =>
  ({ header, private: opened }) => {
    there(header, id);
    return { ...labelled(opened, id, label), events: [{ event: 'slot change', subject: id }] };
  };

function there({ slots }: Snapshot['header'], id: Id): void {
  if (!slots.some((slot) => slot.id === id))
    throw conflictError('the slot was removed by another process meanwhile: nothing was changed');
}

/** No label is no entry. The private part stays what it is where it need not change: then it is not sealed again. */
function labelled({ labels }: PrivatePart, id: Id, label: string): Pick<Difference, 'private'> {
  if ((labels.get(id) ?? '') === label) return {};
  const next = new Map(labels);
  if (label === '') next.delete(id);
  else next.set(id, label);
  return { private: { labels: next } };
}
