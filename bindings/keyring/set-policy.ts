// How long keys are used, and how often: what the application asks of those that are made from now on. FORMATS §4 (body 9);
// defaults from SP 800-57 Part 1 Rev. 5, Table 1 (symmetric data-encryption keys): at most 2 years to encrypt, 3 more to decrypt.

import { asInteger } from '../core/bytes.ts';
import { KeystrataError } from '../core/errors.ts';
import type { Body, Policy } from '../format/body.ts';
import { asOptions } from './arguments.ts';
import { apply } from './change.ts';
import type { Session } from './session.ts';

/** Seconds from a key's making, and units of 64 KiB that all devices together may reserve of it. */
export interface CryptoperiodPolicy {
  readonly originator: number;
  readonly recipient: number;
  readonly units: number;
}

const CENTURY = 100 * 365 * 86_400;

export const policyOf = ({ policy: { originator, recipient, units } }: Pick<Body, 'policy'>): CryptoperiodPolicy => ({
  originator,
  recipient,
  units,
});

/** What is not named stays. Keys that are there keep their periods; the count is for all. ERR_ARGUMENT. */
export async function setPolicy(session: Session, p: Partial<CryptoperiodPolicy>): Promise<void> {
  const { originator, recipient, units } = asOptions(p, 'p');
  if (originator !== undefined) asInteger(originator, 'originator', 1, CENTURY);
  if (recipient !== undefined) asInteger(recipient, 'recipient', 1, CENTURY);
  if (units !== undefined) asInteger(units, 'units', 1, 2 ** 32); // SP 800-38D §8.3
  await apply(session, ({ body }) => {
    const policy: Policy = {
      originator: originator ?? body.policy.originator,
      recipient: recipient ?? body.policy.recipient,
      units: units ?? body.policy.units,
    };
    if (policy.recipient < policy.originator)
      throw new KeystrataError(
        'ERR_ARGUMENT',
        'recipient: not before the originator period ends, or what is encrypted last could not be decrypted',
      );
    return { body: { policy } };
  });
}
