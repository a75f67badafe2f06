// A key passes from one state to the next, and its record says when and why. FORMATS §4 (transitions); states.ts has the table.

import { KeystrataError } from '../core/errors.ts';
import type { KeyRecord, KeypairRecord } from '../format/body.ts';
import type { Id } from '../format/ids.ts';
import type { KeyState } from '../format/states.ts';
import { MOST_TRANSITIONS } from './policy.ts';
import { REASON } from './reasons.ts';
import { checkTransition } from './states.ts';

/** The code that a record has of a change for which nothing else is said. */
const REASON_OF: Readonly<Record<KeyState, number>> = {
  'pre-activation': REASON.unspecified,
  active: REASON.holdLifted,
  suspended: REASON.onHold,
  deactivated: REASON.cessationOfOperation,
  compromised: REASON.keyCompromise,
  destroyed: REASON.cessationOfOperation,
};

/** Of the 64 the last few are for the way to the end: suspending again and again does not keep a key from being destroyed. */
const LAST = { suspended: 61, active: 61, deactivated: 62, compromised: 63, destroyed: MOST_TRANSITIONS } as const;

/** The record in another state; a destroyed key's bytes are gone from it. ERR_KEY_STATE, ERR_LIMIT. */
export function moved<R extends KeyRecord | KeypairRecord>(
  kid: Id,
  record: R,
  to: KeyState,
  p: { time: number; reason?: number },
): R {
  const { state: from, transitions } = record;
  checkTransition(kid, from, to);
  const most = to === 'pre-activation' ? 0 : LAST[to];
  if (transitions.length >= most)
    throw new KeystrataError(
      'ERR_LIMIT',
      `key ${kid} has changed its state ${transitions.length} times, and becomes ${to} at most as the ${most}th: deactivate it, and make its space a new one`,
    );
  const { time, reason = REASON_OF[to] } = p;
  return {
    ...record,
    state: to,
    transitions: [...transitions, { from, to, time, reason }],
    wrapped: to === 'destroyed' ? null : record.wrapped,
  };
}
