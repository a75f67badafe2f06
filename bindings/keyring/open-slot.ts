// From a secret to the KEK, by the slot it opens. FORMATS §3: candidates are bounded before anything is derived.

import { KeystrataError, wrongSecretError } from '../core/errors.ts';
import type { Engine } from '../engine/engine.ts';
import type { Header } from '../format/header.ts';
import type { Id } from '../format/ids.ts';
import type { DirectSlot, Slot } from '../format/slot.ts';
import { openDirect } from '../keys/mek.ts';
import type { Kek } from '../keys/roles.ts';
import { LEAST_ITERATIONS, MOST_CANDIDATES, MOST_ITERATIONS } from './policy.ts';
import { Progress, type Working } from './progress.ts';
import type { SlotSecret } from './slot-secret.ts';

export interface Choice {
  slot?: Id;
  allowWeak?: boolean;
}

const iterationsOf = (slot: Slot): number => ('iterations' in slot ? slot.iterations : 0);

/** The slots to try, in the order of their ids. ERR_NOT_FOUND, ERR_WRONG_SECRET (there is none), ERR_UNSUPPORTED, ERR_LIMIT. */
export function candidates({ slots }: Header, secret: SlotSecret, { slot: named, allowWeak }: Choice): DirectSlot[] {
  if (named !== undefined && !slots.some(({ id }) => id === named))
    throw new KeystrataError('ERR_NOT_FOUND', `this keyring has no slot ${named}: inspect lists those it has`);
  const fitting = slots.filter((slot) => secret.opens(slot) && (named === undefined || slot.id === named));
  if (fitting.length === 0)
    throw wrongSecretError(
      named === undefined
        ? `no slot of this keyring opens with a ${secret.name}`
        : `slot ${named} does not open with a ${secret.name}`,
    );
  const direct = fitting.filter((slot) => slot.mode === 'direct');
  if (direct.length < fitting.length)
    throw new KeystrataError('ERR_UNSUPPORTED', 'this version opens direct slots alone: update keystrata');
  if (direct.length > MOST_CANDIDATES)
    throw new KeystrataError(
      'ERR_LIMIT',
      `${direct.length} slots may open with this ${secret.type}, at most ${MOST_CANDIDATES} are tried: name one with "slot"`,
    );
  const iterations = direct.map(iterationsOf);
  if (iterations.reduce((sum, n) => sum + n, 0) > MOST_ITERATIONS)
    throw new KeystrataError(
      'ERR_LIMIT',
      `the slots ask for more than ${MOST_ITERATIONS} iterations together: name one with "slot", or ask who wrote this keyring`,
    );
  const weak = 'iterations' in direct[0]! ? iterations.find((n) => n < LEAST_ITERATIONS) : undefined;
  if (weak !== undefined && allowWeak !== true)
    throw new KeystrataError(
      'ERR_LIMIT',
      `a slot has ${weak} iterations, fewer than ${LEAST_ITERATIONS}: open it with allowWeak, then change the passphrase`,
    );
  return direct;
}

/** Tries one candidate after the other. The caller disposes the KEK. WrongSecretError where no commitment is true. */
export async function openSlot(
  engine: Engine,
  header: Header,
  secret: SlotSecret,
  choice: Choice,
  work: Working,
): Promise<{ kek: Kek; slot: DirectSlot }> {
  const slots = candidates(header, secret, choice);
  const progress = new Progress(
    work,
    slots.reduce((sum, slot) => sum + iterationsOf(slot), 0),
  );
  let wrong: unknown;
  for (const slot of slots) {
    const mek = await secret.mek({ ...slot, keyring: header.keyring }, progress.part(iterationsOf(slot)));
    try {
      const kek = openDirect(engine, mek, slot, { keyring: header.keyring, kek: header.kek });
      progress.end();
      return { kek, slot };
    } catch (error) {
      if (!KeystrataError.is(error, 'ERR_WRONG_SECRET')) throw error;
      wrong = error;
    }
  }
  throw wrong;
}
