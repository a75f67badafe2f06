// The slots in a rotation of the KEK: each leads to the next one, or it is dropped, or there is no rotation. FORMATS §3.
//
//   direct                           its secret makes it anew (remade-slots.ts): it must be given
//   rotatable, escrow                the next KEK is sealed to it (reseal-slot.ts), its secret may be away
//   rotatable, after a compromise    its secret makes it anew where it is given: others know its seal key; else it is flagged

import { equal } from '../core/bytes.ts';
import { KeystrataError, conflictError, wrongSecretError } from '../core/errors.ts';
import type { Header } from '../format/header.ts';
import type { Id } from '../format/ids.ts';
import type { PrivatePart } from '../format/private-part.ts';
import type { EscrowSlot, RotatableSlot, Slot } from '../format/slot.ts';
import type { Event } from './audit-log.ts';
import { named, type Exchange, type Remade, type Task } from './remade-slots.ts';
import { flagged } from './reseal-slot.ts';
import type { SlotSecret } from './slot-secret.ts';
import type { Snapshot } from './snapshot.ts';
import { checkWaysIn } from './ways-in.ts';

/** What a rotation has to open slots with. */
export interface Ways {
  readonly secrets: readonly SlotSecret[];
  readonly drop: ReadonlySet<Id>;
  readonly exchange?: Exchange;
}

/**
 * Before any work: ERR_NOT_FOUND, ERR_ARGUMENT where a slot's secret is absent, ERR_KEY_STATE where no way in would be left,
 * WrongSecretError where no slot has a secret of the kind that is to be exchanged.
 */
export function planSlots(
  { slots }: Pick<Header, 'slots'>,
  { secrets, drop, exchange }: Ways,
  compromised: boolean,
): Task[] {
  for (const id of drop)
    if (!slots.some((slot) => slot.id === id))
      throw new KeystrataError('ERR_NOT_FOUND', `dropSlots: this keyring has no slot ${id}`);
  const kept = slots.filter(({ id }) => !drop.has(id));
  checkWaysIn(kept);
  if (exchange !== undefined) checkExchange(kept, exchange);
  const candidates = (slot: Slot): SlotSecret[] => {
    const all = secrets.filter((secret) => secret.opens(slot));
    if (slot.mode === 'direct' || compromised) return all;
    return all.filter((secret) => secret === exchange?.opened && (exchange.slot ?? slot.id) === slot.id);
  };
  const tasks: Task[] = [];
  for (const slot of kept) if (slot.mode !== 'sealed') tasks.push({ slot, secrets: candidates(slot) });
  const missing = tasks.filter(({ slot, secrets: own }) => slot.mode === 'direct' && own.length === 0);
  if (missing.length > 0)
    throw new KeystrataError(
      'ERR_ARGUMENT',
      `the secrets of ${missing.length} of ${slots.length} slots are missing, and without them nothing is done: ${missing.map(({ slot }) => named(slot)).join(', ')}. Give each in "secrets" (the command: --new-recovery-code), or name its slot in "dropSlots" (--drop-slot): it then opens nothing any more`,
    );
  return tasks.filter(({ secrets: own }) => own.length > 0);
}

function checkExchange(kept: readonly Slot[], { opened, slot: id }: Exchange): void {
  if (id !== undefined && !kept.some((slot) => slot.id === id))
    throw new KeystrataError('ERR_NOT_FOUND', `slot: of the slots that stay none is ${id}: inspect lists them`);
  if (!kept.some((slot) => opened.opens(slot) && (id ?? slot.id) === slot.id))
    throw wrongSecretError(
      id === undefined
        ? `no slot that stays opens with a ${opened.name}`
        : `slot ${id} does not open with a ${opened.name}`,
    );
}

/** The same slot with the same secret is nothing to tell of. */
function eventsOf(id: Id, remade: ReturnType<Remade['get']>): Event[] {
  const next = remade?.after.slot.id ?? id;
  if (next !== id)
    return [
      { event: 'slot add', subject: next },
      { event: 'slot remove', subject: id },
    ];
  return remade?.changed === true ? [{ event: 'slot change', subject: id }] : [];
}

interface Switching {
  readonly drop: ReadonlySet<Id>;
  readonly compromised: boolean;
  readonly reseal: (slot: RotatableSlot | EscrowSlot) => Slot;
}

interface Switched {
  readonly slots: Slot[];
  readonly labels: PrivatePart['labels'];
  readonly sealings: PrivatePart['slots'];
  readonly events: Event[];
}

/** The slots of the next document, and what the log tells of them. ConflictError where they are not those that were opened. */
export function switched(
  { header, private: part }: Pick<Snapshot, 'header' | 'private'>,
  remade: Remade,
  { drop, compromised, reseal }: Switching,
): Switched {
  const changed = (why: string): Error =>
    conflictError(`another process ${why} meanwhile: no key was replaced, do it again`);
  const kept = header.slots.filter(({ id }) => !drop.has(id));
  const slots = kept.map((slot) => {
    const own = remade.get(slot.id);
    if (own === undefined && slot.mode !== 'direct') return reseal(slot);
    if (own === undefined) throw changed('added a slot');
    if (slot.mode === 'sealed' || !equal(slot.commitment, own.before.commitment)) throw changed('changed a slot');
    return own.after.slot;
  });
  checkWaysIn(slots);
  const nextId = (id: Id): Id => remade.get(id)?.after.slot.id ?? id;
  const stay = <T>(of: ReadonlyMap<Id, T>): [Id, T][] => [...of].filter(([id]) => !drop.has(id));
  const sealings = stay(part.slots).map(([id, sealing]): [Id, typeof sealing] => [
    nextId(id),
    remade.get(id)?.after.sealing ?? (compromised ? flagged(sealing) : sealing),
  ]);
  const dropped = header.slots.filter(({ id }) => drop.has(id));
  const events = [
    ...kept.flatMap(({ id }) => eventsOf(id, remade.get(id))),
    ...dropped.map(({ id }): Event => ({ event: 'slot remove', subject: id })),
  ];
  const labels = stay(part.labels).map(([id, label]): [Id, string] => [nextId(id), label]);
  return { slots, labels: new Map(labels), sealings: new Map(sealings), events };
}
