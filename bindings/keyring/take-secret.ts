// Which secret was given, and what takes it into the core. FORMATS §3, the table of types.

import { KeystrataError } from '../core/errors.ts';
import type { Engine } from '../engine/engine.ts';
import type { Passphrase } from '../keys/passphrase.ts';
import type { DeviceSecret } from '../keys/pin.ts';
import { EscrowSecret } from './escrow-secret.ts';
import type { Opener } from './open-slot.ts';
import { OperatorSecret } from './operator-secret.ts';
import { PassphraseSecret } from './passphrase-secret.ts';
import { PinSecret } from './pin-secret.ts';
import { PrfSecret } from './prf-secret.ts';
import { RecoverySecret } from './recovery-secret.ts';
import type { SlotSecret } from './slot-secret.ts';
import type { Secret } from './types.ts';

/** What each kind of secret is told by, and what takes it. */
const KINDS: readonly (readonly [field: string, take: (engine: Engine, p: never) => Opener])[] = [
  ['passphrase', (engine, p: { passphrase: Passphrase }) => new PassphraseSecret(engine, p.passphrase)],
  [
    'operatorKey',
    (engine, p: { operatorKey: Uint8Array; operatorKeyId: string }) =>
      new OperatorSecret(engine, p.operatorKey, p.operatorKeyId),
  ],
  ['recoveryCode', (engine, p: { recoveryCode: string }) => RecoverySecret.read(engine, p.recoveryCode)],
  ['pin', (engine, p: { pin: Passphrase; deviceSecret: DeviceSecret }) => new PinSecret(engine, p.pin, p.deviceSecret)],
  ['prf', (engine, p: { prf: Uint8Array; credentialId?: Uint8Array; salt?: Uint8Array }) => new PrfSecret(engine, p)],
  [
    'escrowKey',
    (engine, p: { escrowKey: Uint8Array; signer: unknown }) => new EscrowSecret(engine, p.escrowKey, p.signer),
  ],
];

/** ERR_ARGUMENT where there is no secret or more than one. */
export function takeOpener(engine: Engine, secret: Secret): Opener {
  const given = KINDS.filter(([field]) => (secret as Record<string, unknown>)[field] !== undefined);
  if (given.length !== 1)
    throw new KeystrataError(
      'ERR_ARGUMENT',
      given.length === 0
        ? 'no secret was given: a passphrase, a recoveryCode, a pin with its deviceSecret, a prf output, or an operatorKey with its operatorKeyId is wanted'
        : `one secret is wanted, not ${given.map(([field]) => field).join(' and ')}`,
    );
  const [, take] = given[0]!;
  return take(engine, secret as never);
}

/** The same for a secret that gives a MEK, and so makes slots: ERR_ARGUMENT for an institution's key. */
export function takeSecret(engine: Engine, secret: Secret): SlotSecret {
  const taken = takeOpener(engine, secret);
  if (taken.type !== 'escrow') return taken;
  taken.dispose();
  throw new KeystrataError(
    'ERR_ARGUMENT',
    'escrowKey: it unlocks, and nothing else; a secret of the user is wanted here',
  );
}
