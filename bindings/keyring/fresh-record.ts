// The record of a key that was just made: active from now on, for as long as the policy says. FORMATS §4; SP 800-57 Part 1 Rev. 5 §5.3.6.

import type { KeyRecord, Policy } from '../format/body.ts';

/** `time` in Unix seconds. */
export const freshRecord = (
  key: Pick<KeyRecord, 'type' | 'family' | 'version' | 'wrapped'>,
  { time, policy }: { time: number; policy: Policy },
): KeyRecord => ({
  ...key,
  space: null,
  state: 'active',
  created: time,
  transitions: [],
  originatorEnd: time + policy.originator,
  recipientEnd: time + policy.recipient,
});
