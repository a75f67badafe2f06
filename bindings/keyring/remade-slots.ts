// Slots made anew in a rotation of the KEK: around the next one, by the secrets that open them now. FORMATS §3.
//
//   slot + its secret ──commitment, KEK──► it opens ──fresh salt──► the same slot around the next KEK ──opened again──► it opens
//                                                    (rotatable: fresh pair, fresh seal key)
//
// Which secret is whose is found out as in unlocking. Secret: MEKs and KEKs, in the core; the seal keys of what was made.

import { KeystrataError, wrongSecretError } from '../core/errors.ts';
import type { Id } from '../format/ids.ts';
import type { DirectSlot, RotatableSlot, Slot, SlotSource } from '../format/slot.ts';
import { randomId } from './compose.ts';
import { kindOf, sealWayIn, type Made } from './make-slot.ts';
import { openWayIn } from './open-slot.ts';
import { TARGET_ITERATIONS } from './policy.ts';
import { Progress, type Working } from './progress.ts';
import type { SlotSecret } from './slot-secret.ts';
import type { Unlocked } from './snapshot.ts';

/** A slot that has a MEK. */
type WayIn = DirectSlot | RotatableSlot;

/** A slot that is to be made anew, and the secrets that may open it: where none does, a rotatable one is left as it is. */
export interface Task {
  readonly slot: WayIn;
  readonly secrets: readonly SlotSecret[];
}

/** Another secret than the one that opened the slot (this one, if it is named) makes it anew. */
export interface Exchange {
  readonly opened: SlotSecret;
  readonly by: SlotSecret;
  readonly slot: Id | undefined;
}

/** A slot, and what takes its place; `changed` where that opens with another secret. */
interface Swap {
  readonly before: WayIn;
  readonly after: Made<WayIn>;
  readonly changed: boolean;
}
/** By the id of the slot before. */
export type Remade = ReadonlyMap<Id, Swap>;

export const named = ({ id, type }: Slot): string => `${id} (${type})`;

const iterationsOf = (slot: SlotSource): number => ('iterations' in slot ? slot.iterations : 0);
const nextIterations = (slot: SlotSource): number =>
  'iterations' in slot ? Math.max(TARGET_ITERATIONS, slot.iterations) : 0;

/** What the derivations cost together, in iterations of PBKDF2. */
export const costOf = (tasks: readonly Task[]): number =>
  tasks.reduce((sum, { slot, secrets }) => sum + secrets.length * iterationsOf(slot) + nextIterations(slot), 0);

interface Remaking {
  readonly before: Unlocked;
  readonly next: Unlocked;
  /** All of the document, those that are dropped too. */
  readonly slots: readonly Slot[];
  readonly tasks: readonly Task[];
  readonly exchange: Exchange | undefined;
  /** Told of each as it is made: who is told sees that it is wiped where it is not entered. */
  readonly keep: (made: Made) => void;
}

/**
 * WrongSecretError names the direct slot that no secret opens; or says that a secret opens nothing at all, where a slot that it
 * may have been for would be left as it is.
 */
export async function remakeSlots(p: Remaking, work: Working): Promise<Remade> {
  const { tasks, exchange } = p;
  const progress = new Progress(work, costOf(tasks));
  const openers = await findOpeners(p, progress);
  const isChanged = ({ id }: Slot): boolean =>
    exchange !== undefined && openers.get(id) === exchange.opened && (exchange.slot ?? id) === id;
  if (exchange !== undefined && !tasks.some(({ slot }) => isChanged(slot)))
    throw wrongSecretError(
      `the present ${exchange.opened.name} opens no slot that could be changed: nothing was changed`,
    );
  const remade = new Map<Id, Swap>();
  for (const { slot } of tasks) {
    const opened = openers.get(slot.id);
    if (opened === undefined) continue;
    const changed = isChanged(slot);
    const after = await remake(p, slot, changed ? exchange!.by : opened, progress);
    remade.set(slot.id, { before: slot, after, changed });
  }
  return remade;
}

/** Slot id → the secret that opens it, to the KEK that is the keyring's. */
async function findOpeners({ before, slots, tasks }: Remaking, progress: Progress): Promise<Map<Id, SlotSecret>> {
  const openers = new Map<Id, SlotSecret>();
  for (const { slot, secrets } of tasks)
    for (const secret of secrets)
      if (await opens(before, slot, secret, progress.part(iterationsOf(slot)))) {
        openers.set(slot.id, secret);
        break;
      }
  const right = new Set(openers.values());
  for (const { slot, secrets } of tasks) {
    if (openers.has(slot.id)) continue;
    if (slot.mode === 'direct')
      throw wrongSecretError(`none of the secrets given opens slot ${named(slot)}: nothing was changed`);
    for (const secret of secrets) {
      if (right.has(secret)) continue;
      if (!(await opensAny(before, slots, secret, progress.part(0))))
        throw wrongSecretError(
          `a ${secret.name} that was given opens no slot of this keyring, nor slot ${named(slot)}: nothing was changed`,
        );
      right.add(secret);
    }
  }
  return openers;
}

/** Also one that is dropped, or that another secret opened first. */
async function opensAny(before: Unlocked, slots: readonly Slot[], secret: SlotSecret, work: Working): Promise<boolean> {
  for (const slot of slots)
    if (slot.mode !== 'sealed' && secret.opens(slot) && (await opens(before, slot, secret, work))) return true;
  return false;
}

async function opens(
  { engine, keyring, owner, kek }: Unlocked,
  slot: WayIn,
  secret: SlotSecret,
  work: Working,
): Promise<boolean> {
  const mek = await secret.mek({ ...slot, keyring }, work);
  try {
    openWayIn(engine, mek, slot, { keyring, owner, kek: kek.id }).dispose();
    return true;
  } catch (error) {
    if (!KeystrataError.is(error, 'ERR_WRONG_SECRET')) throw error;
    return false;
  }
}

/** Opened again, before anybody relies on it. */
async function remake({ next, keep }: Remaking, slot: WayIn, by: SlotSecret, progress: Progress): Promise<Made<WayIn>> {
  const { engine, keyring, owner, kek } = next;
  const iterations = nextIterations(slot);
  const { id, source } = anew(next, slot, by, iterations);
  const mek = await by.mek({ id, keyring, ...source }, progress.part(iterations));
  const made = sealWayIn(next, mek, { id, created: slot.created, source, kind: kindOf(slot) });
  keep(made);
  openWayIn(engine, mek, made.slot, { keyring, owner, kek: kek.id }).dispose();
  return made;
}

/**
 * A passkey answers for one salt, and an operator key needs none: from the same id they derive the same seal key, which others
 * may know; so a rotatable slot of theirs has another. What has a salt of its own has a fresh one.
 */
function anew({ engine }: Unlocked, slot: WayIn, by: SlotSecret, iterations: number): { id: Id; source: SlotSource } {
  if (slot.type !== 'prf' && slot.type !== 'operator') return { id: slot.id, source: by.source(iterations) };
  const id = slot.mode === 'direct' ? slot.id : randomId(engine);
  const source: SlotSource =
    slot.type === 'prf'
      ? { type: slot.type, salt: slot.salt, credential: slot.credential }
      : { type: slot.type, operatorKey: slot.operatorKey };
  return { id, source };
}
