// From a secret to the KEK, by the slot it opens. FORMATS §3: candidates are bounded before anything is derived.

import { KeystrataError, wrongSecretError } from '../core/errors.ts';
import type { Engine } from '../engine/engine.ts';
import type { Header } from '../format/header.ts';
import type { Id } from '../format/ids.ts';
import type { DirectSlot, EscrowSlot, RotatableSlot, Slot } from '../format/slot.ts';
import { openDirect } from '../keys/mek.ts';
import type { Kek, Mek } from '../keys/roles.ts';
import { openRotatable } from '../keys/rotatable.ts';
import type { EscrowSecret } from './escrow-secret.ts';
import { LEAST_ITERATIONS, MOST_CANDIDATES, MOST_ITERATIONS } from './policy.ts';
import { Progress, type Working } from './progress.ts';
import type { SlotSecret } from './slot-secret.ts';

/** What a slot is tried with: a secret that gives its MEK, or an institution's key. */
export type Opener = SlotSecret | EscrowSecret;

export interface Choice {
  slot?: Id;
  allowWeak?: boolean;
}

const iterationsOf = (slot: Slot): number => ('iterations' in slot ? slot.iterations : 0);

/** The slots to try, in the order of their ids. ERR_NOT_FOUND, ERR_WRONG_SECRET (there is none), ERR_LIMIT. */
export function candidates({ slots }: Header, secret: Opener, { slot: named, allowWeak }: Choice): Slot[] {
  if (named !== undefined && !slots.some(({ id }) => id === named))
    throw new KeystrataError('ERR_NOT_FOUND', `this keyring has no slot ${named}: inspect lists those it has`);
  const fitting = slots.filter((slot) => secret.opens(slot) && (named === undefined || slot.id === named));
  if (fitting.length === 0)
    throw wrongSecretError(
      named === undefined
        ? `no slot of this keyring opens with a ${secret.name}`
        : `slot ${named} does not open with a ${secret.name}`,
    );
  if (fitting.length > MOST_CANDIDATES)
    throw new KeystrataError(
      'ERR_LIMIT',
      `${fitting.length} slots may open with this ${secret.type}, at most ${MOST_CANDIDATES} are tried: name one with "slot"`,
    );
  const iterations = fitting.map(iterationsOf);
  if (iterations.reduce((sum, n) => sum + n, 0) > MOST_ITERATIONS)
    throw new KeystrataError(
      'ERR_LIMIT',
      `the slots ask for more than ${MOST_ITERATIONS} iterations together: name one with "slot", or ask who wrote this keyring`,
    );
  const weak = 'iterations' in fitting[0]! ? iterations.find((n) => n < LEAST_ITERATIONS) : undefined;
  if (weak !== undefined && allowWeak !== true)
    throw new KeystrataError(
      'ERR_LIMIT',
      `a slot has ${weak} iterations, fewer than ${LEAST_ITERATIONS}: open it with allowWeak, then change the passphrase`,
    );
  return fitting;
}

/** Tries one candidate after the other. The caller disposes the KEK. WrongSecretError where no commitment is true. */
export async function openSlot(
  engine: Engine,
  header: Header,
  secret: Opener,
  choice: Choice,
  work: Working,
): Promise<{ kek: Kek; slot: Slot }> {
  const slots = candidates(header, secret, choice);
  const progress = new Progress(
    work,
    slots.reduce((sum, slot) => sum + iterationsOf(slot), 0),
  );
  let wrong: unknown;
  for (const slot of slots) {
    try {
      const kek = await open(engine, header, secret, slot, progress.part(iterationsOf(slot)));
      progress.end();
      return { kek, slot };
    } catch (error) {
      if (!KeystrataError.is(error, 'ERR_WRONG_SECRET')) throw error;
      wrong = error;
    }
  }
  throw wrong;
}

/** The header is not verified yet: what is wrong in it makes this, or the MAC after it, fail. */
async function open(engine: Engine, header: Header, secret: Opener, slot: Slot, work: Working): Promise<Kek> {
  const { keyring, owner, kek } = header;
  if (secret.type === 'escrow') return secret.open(slot as EscrowSlot, { keyring, owner, kek });
  const opened = slot as DirectSlot | RotatableSlot; // of a type that has a MEK
  const mek = await secret.mek({ ...opened, keyring }, work);
  return openWayIn(engine, mek, opened, { keyring, owner, kek });
}

/** By its MEK; `kek` is the kid of what is in it. Errors as of keys/mek.ts and keys/rotatable.ts. The caller disposes the KEK. */
export const openWayIn = (
  engine: Engine,
  mek: Mek,
  slot: DirectSlot | RotatableSlot,
  at: { keyring: Id; owner: string; kek: Id },
): Kek => (slot.mode === 'direct' ? openDirect(engine, mek, slot, at) : openRotatable(engine, mek, slot, at));
