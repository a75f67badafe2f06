// The slots in a rotation of the KEK: each leads to the next one, or it is dropped, or there is no rotation. FORMATS §3. To those
// that are rotatable, and to escrows, the next KEK is sealed (reseal-slot.ts); a direct one needs its secret.
//
//   direct slot + its secret ──commitment, KEK──► it opens ──fresh salt──► the same slot around the next KEK ──opened again──► it opens
//
// Which secret is whose is found out as in unlocking. Secret: MEKs and KEKs, in the core.

import { equal } from '../core/bytes.ts';
import { KeystrataError, conflictError, wrongSecretError } from '../core/errors.ts';
import type { Header } from '../format/header.ts';
import type { Id } from '../format/ids.ts';
import type { DirectSlot, EscrowSlot, RotatableSlot, Slot, SlotSource } from '../format/slot.ts';
import { openDirect, sealDirect } from '../keys/mek.ts';
import type { Kek } from '../keys/roles.ts';
import type { Event } from './audit-log.ts';
import { TARGET_ITERATIONS } from './policy.ts';
import { Progress, type Working } from './progress.ts';
import type { SlotSecret } from './slot-secret.ts';
import type { Unlocked } from './snapshot.ts';
import { checkWaysIn } from './ways-in.ts';

/** What a rotation has to open slots with. */
export interface Ways {
  readonly secrets: readonly SlotSecret[];
  readonly drop: ReadonlySet<Id>;
  /** Another secret than the one that opened the slot (this one, if it is named) makes it anew. */
  readonly next?: { readonly opened: SlotSecret; readonly by: SlotSecret; readonly slot: Id | undefined };
}

/** A slot that stays, and the secrets that may open it. */
interface Task {
  readonly slot: DirectSlot;
  readonly secrets: readonly SlotSecret[];
}

/** Slot id → what takes its place; `changed` where it opens with another secret. */
export type NextSlots = ReadonlyMap<Id, Exchange>;
interface Exchange {
  readonly before: DirectSlot;
  readonly after: DirectSlot;
  readonly changed: boolean;
}

/** Before any work: ERR_NOT_FOUND, ERR_ARGUMENT where a slot's secret is absent, ERR_KEY_STATE where no way in would be left. */
export function planSlots({ slots }: Pick<Header, 'slots'>, { secrets, drop }: Ways): Task[] {
  for (const id of drop)
    if (!slots.some((slot) => slot.id === id))
      throw new KeystrataError('ERR_NOT_FOUND', `dropSlots: this keyring has no slot ${id}`);
  const kept = slots.filter(({ id }) => !drop.has(id));
  checkWaysIn(kept);
  const tasks = kept
    .filter((slot) => slot.mode === 'direct')
    .map((slot) => ({ slot, secrets: secrets.filter((secret) => secret.opens(slot)) }));
  const missing = tasks.filter(({ secrets: own }) => own.length === 0);
  if (missing.length > 0)
    throw new KeystrataError(
      'ERR_ARGUMENT',
      `the secrets of ${missing.length} of ${slots.length} slots are missing, and without them nothing is done: ${missing.map(({ slot }) => named(slot)).join(', ')}. Give each in "secrets" (the command: --new-recovery-code), or name its slot in "dropSlots" (--drop-slot): it then opens nothing any more`,
    );
  return tasks;
}

const named = ({ id, type }: Slot): string => `${id} (${type})`;

const iterationsOf = (slot: SlotSource): number => ('iterations' in slot ? slot.iterations : 0);
const nextIterations = (slot: SlotSource): number =>
  'iterations' in slot ? Math.max(TARGET_ITERATIONS, slot.iterations) : 0;

/** What the derivations cost together, in iterations of PBKDF2. */
export const costOf = (tasks: readonly Task[]): number =>
  tasks.reduce((sum, { slot, secrets }) => sum + secrets.length * iterationsOf(slot) + nextIterations(slot), 0);

/** Every slot around the next KEK. WrongSecretError names the slot that no secret opens. */
export async function sealSlots(
  unlocked: Unlocked,
  next: Kek,
  tasks: readonly Task[],
  ways: Ways,
  work: Working,
): Promise<NextSlots> {
  const progress = new Progress(work, costOf(tasks));
  const slots = new Map<Id, Exchange>();
  for (const { slot, secrets } of tasks) {
    const opened = await opener(unlocked, slot, secrets, progress);
    const { next: other } = ways;
    const by = other?.opened === opened && (other.slot ?? slot.id) === slot.id ? other.by : opened;
    const after = await sealed(unlocked, next, slot, by, progress);
    slots.set(slot.id, { before: slot, after, changed: by !== opened });
  }
  if (ways.next !== undefined && ![...slots.values()].some(({ changed }) => changed))
    throw new KeystrataError(
      'ERR_UNSUPPORTED',
      'rekey: the present passphrase opens no direct slot: change it first, then replace the KEK with rotateKek',
    );
  return slots;
}

/** The secret that opens the slot, to the KEK that is the keyring's. */
async function opener(
  { engine, keyring, kek }: Unlocked,
  slot: DirectSlot,
  secrets: readonly SlotSecret[],
  progress: Progress,
): Promise<SlotSecret> {
  for (const secret of secrets) {
    const mek = await secret.mek({ ...slot, keyring }, progress.part(iterationsOf(slot)));
    try {
      openDirect(engine, mek, slot, { keyring, kek: kek.id }).dispose();
      return secret;
    } catch (error) {
      if (!KeystrataError.is(error, 'ERR_WRONG_SECRET')) throw error;
    }
  }
  throw wrongSecretError(`none of the secrets given opens slot ${named(slot)}: nothing was changed`);
}

/** With a fresh salt where its type has one of its own. Opened again, before anybody relies on it. */
async function sealed(
  { engine, keyring }: Unlocked,
  next: Kek,
  slot: DirectSlot,
  by: SlotSecret,
  progress: Progress,
): Promise<DirectSlot> {
  const iterations = nextIterations(slot);
  const source = slot.type === 'prf' || slot.type === 'operator' ? sourceOf(slot) : by.source(iterations);
  const mek = await by.mek({ id: slot.id, keyring, ...source }, progress.part(iterations));
  const wrap = sealDirect(engine, mek, next, { keyring, slot: slot.id, type: source.type });
  const after: DirectSlot = { id: slot.id, created: slot.created, ...source, ...wrap };
  openDirect(engine, mek, after, { keyring, kek: next.id }).dispose();
  return after;
}

/** A passkey answers for one salt, and an operator key needs none. */
const sourceOf = (slot: Extract<DirectSlot, { type: 'prf' | 'operator' }>): SlotSource =>
  slot.type === 'prf'
    ? { type: slot.type, salt: slot.salt, credential: slot.credential }
    : { type: slot.type, operatorKey: slot.operatorKey };

/** The slots of the next document, and what the log tells of them. ConflictError where they are not those that were opened. */
export function switched(
  slots: readonly Slot[],
  next: NextSlots,
  { drop, reseal }: { drop: ReadonlySet<Id>; reseal: (slot: RotatableSlot | EscrowSlot) => Slot },
): { slots: Slot[]; events: Event[] } {
  const changed = (why: string): Error =>
    conflictError(`another process ${why} meanwhile: no key was replaced, do it again`);
  const kept = slots.filter(({ id }) => !drop.has(id));
  const after = kept.map((slot) => {
    const own = next.get(slot.id);
    if (own === undefined && slot.mode !== 'direct') return reseal(slot);
    if (own === undefined) throw changed('added a slot');
    if (slot.mode !== 'direct' || !equal(slot.commitment, own.before.commitment)) throw changed('changed a slot');
    return own.after;
  });
  checkWaysIn(after);
  const changes = after.filter(({ id }) => next.get(id)?.changed === true);
  const dropped = slots.filter(({ id }) => drop.has(id));
  const events = [
    ...changes.map(({ id }): Event => ({ event: 'slot change', subject: id })),
    ...dropped.map(({ id }): Event => ({ event: 'slot remove', subject: id })),
  ];
  return { slots: after, events };
}
