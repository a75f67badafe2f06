// Changes of the slots: one more, one less, one in place of others, another name. Each is a function of whatever document is
// current, and heeds what must be true of the slots afterwards. FORMATS §3.

import { equal } from '../core/bytes.ts';
import { conflictError } from '../core/errors.ts';
import type { AuditEvent } from '../format/audit.ts';
import type { Id } from '../format/ids.ts';
import type { PrivatePart } from '../format/private-part.ts';
import type { DirectSlot, RotatableSlot, Slot } from '../format/slot.ts';
import type { Event } from './audit-log.ts';
import type { Change, Difference } from './change.ts';
import type { Made } from './make-slot.ts';
import type { Session } from './session.ts';
import type { Snapshot } from './snapshot.ts';
import { checkWaysIn } from './ways-in.ts';

/** Bytes that a slot takes at most in the private part: its label, its public key (X-Wing), its seal key, ids and heads. */
const ENTRY = 2048;

/** Reserves the sealing of the private part, where it has something of the slots that go, or will have of the one made. */
export async function takeShare(session: Session, gone: readonly Id[], made: Made | null, label = ''): Promise<void> {
  const { labels, slots } = session.snapshot.private;
  const there = gone.some((id) => labels.has(id) || slots.has(id)) || (made !== null && slots.has(made.slot.id));
  if (there || label !== '' || (made !== null && made.sealing !== null)) await session.shares.takeForPrivate(ENTRY);
}

/** ConflictError where the KEK that the slot leads to is the keyring's no more. */
export const entered =
  (made: Made, label: string, event: AuditEvent = 'slot add'): Change =>
  (current) => ({
    ...exchange(current, [], made, labelled(current.private.labels, made.slot.id, label)),
    events: [{ event, subject: made.slot.id }],
  });

/** ConflictError where it is gone already. */
export const removed =
  (id: Id): Change =>
  (current) => {
    mustBeThere(current, id);
    return { ...exchange(current, [id], null), events: [{ event: 'slot remove', subject: id }] };
  };

/** ConflictError where the slot is gone. */
export const renamed =
  (id: Id, label: string): Change =>
  (current) => {
    mustBeThere(current, id);
    const labels = labelled(current.private.labels, id, label);
    return { ...parts(current, { labels }), events: [{ event: 'slot change', subject: id }] };
  };

/** `made` in place of `before`, which are all the slots `of` a kind. ConflictError, saying `lost`, where they are others now. */
export const replaced =
  (before: readonly (DirectSlot | RotatableSlot)[], made: Made, p: { of(slot: Slot): boolean; lost: string }): Change =>
  (current) => {
    const there = current.header.slots.filter((slot) => p.of(slot));
    if (there.length !== before.length || !there.every((slot, i) => isSame(slot, before[i]!)))
      throw conflictError(p.lost);
    const { id } = made.slot;
    const gone = before.map((slot) => slot.id).filter((one) => one !== id);
    const first: Event = { event: gone.length < before.length ? 'slot change' : 'slot add', subject: id };
    return {
      ...exchange(current, gone, made),
      events: [first, ...gone.map((subject): Event => ({ event: 'slot remove', subject }))],
    };
  };

const isSame = (slot: Slot, before: DirectSlot | RotatableSlot): boolean =>
  slot.mode !== 'sealed' && slot.id === before.id && equal(slot.commitment, before.commitment);

/** Without those of `gone`, with the one made in place of that of its id: header, seal keys and labels. */
function exchange(
  current: Snapshot,
  gone: readonly Id[],
  made: Made | null,
  labels = gone.reduce((all, id) => labelled(all, id, ''), current.private.labels),
): Difference {
  const { header, private: part } = current;
  if (made !== null && header.kek !== made.kek) throw conflictError('the KEK was replaced meanwhile: do it again');
  const out = made === null ? gone : [...gone, made.slot.id];
  const kept = header.slots.filter(({ id }) => !out.includes(id));
  const slots = made === null ? kept : [...kept, made.slot];
  checkWaysIn(slots);
  const sealing = new Map([...part.slots].filter(([id]) => !out.includes(id)));
  if (made?.sealing) sealing.set(made.slot.id, made.sealing);
  const same = sealing.size === part.slots.size && !made?.sealing;
  return { header: { slots }, ...parts(current, { labels, slots: same ? part.slots : sealing }) };
}

function mustBeThere({ header: { slots } }: Snapshot, id: Id): void {
  if (!slots.some((slot) => slot.id === id))
    throw conflictError('the slot was removed by another process meanwhile: nothing was changed');
}

/** The private part where it differs: what stays is not sealed again. */
function parts({ private: part }: Snapshot, next: Partial<PrivatePart>): Pick<Difference, 'private'> {
  const all = { ...part, ...next };
  return all.labels === part.labels && all.slots === part.slots ? {} : { private: next };
}

/** No label is no entry. */
function labelled(labels: PrivatePart['labels'], id: Id, label: string): PrivatePart['labels'] {
  if ((labels.get(id) ?? '') === label) return labels;
  const next = new Map(labels);
  if (label === '') next.delete(id);
  else next.set(id, label);
  return next;
}
