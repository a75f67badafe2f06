// The secret that opens the keyring now: a passphrase, or what the options give in its place.

import { KeystrataError } from '../core/errors.ts';
import type { Secret } from '../keyring/types.ts';
import type { Call } from './io.ts';
import { takeOperatorKey } from './operator-key.ts';
import type { Secrets } from './passphrase.ts';
import { takePin, type Pin } from './pin.ts';
import { takeRecoveryCode } from './recovery-code.ts';
import { quoted } from './words.ts';

/** A PIN waits for the device secret that it is mixed with. */
export type Given = Exclude<Secret, { pin: unknown }> | Pin;

/** What opens in place of a passphrase, and the option that gives it. */
export type Instead = '--recovery-code-fd' | '--operator-key-fd' | '--pin' | '--pin-fd';

/** Null where a passphrase is wanted. ERR_ARGUMENT where two other things are given. */
export function insteadOf({ options }: Call): Instead | null {
  const { recoveryCodeFd, operatorKeyFd, pin, pinFd } = options;
  const given: Instead[] = [];
  if (recoveryCodeFd !== undefined) given.push('--recovery-code-fd');
  if (operatorKeyFd !== undefined) given.push('--operator-key-fd');
  if (pinFd !== undefined) given.push('--pin-fd');
  else if (pin) given.push('--pin');
  if (given.length > 1) throw new KeystrataError('ERR_ARGUMENT', `${given.join(' and ')}: give one of them`);
  return given[0] ?? null;
}

/** ERR_ARGUMENT where a passphrase is given too, which nothing takes. */
export function checkAlone({ options }: Call, option: Instead): Instead {
  if (!options.passphraseStdin && options.passphraseFd === undefined) return option;
  throw new KeystrataError('ERR_ARGUMENT', `${option} stands in place of a passphrase: give one of them`);
}

export async function secretInstead(call: Call, option: Instead): Promise<Given> {
  const { recoveryCodeFd, operatorKeyFd } = call.options;
  if (option === '--recovery-code-fd') return { recoveryCode: await takeRecoveryCode(call, recoveryCodeFd!) };
  return option === '--operator-key-fd' ? takeOperatorKey(operatorKeyFd!, option) : takePin(call);
}

/** Where `secrets` has a new one, too: the passphrase, or what opens in its place. */
export async function presentSecret(call: Call, secrets: Secrets): Promise<Given> {
  const instead = insteadOf(call);
  if (instead !== null) return secretInstead(call, instead);
  return { passphrase: await secrets.take(`Passphrase of ${quoted(call.options.owner)}:`) };
}

/** What can be wiped of what `secretInstead` gave. */
export function wipe(given: Given): void {
  if ('operatorKey' in given) given.operatorKey.fill(0);
  if ('pin' in given && typeof given.pin !== 'string') given.pin.fill(0);
}
