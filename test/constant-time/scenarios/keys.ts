// The key table, wrapping from slot to slot, and all that is refused. Secret: keys, and where a prefix or a wrap was altered.

import { Status } from '../../../bindings/core/abi.ts';
import type { Scenario } from '../stage.ts';

const table: Scenario = {
  name: 'slots filled, exported, freed, and all wiped',
  play(stage) {
    const { abi } = stage;
    const slots = Array.from({ length: abi.SLOTS.value as number }, () => stage.key());
    stage.refused(abi.keyAllocate(), Status.FULL);
    for (const slot of slots) stage.ok(abi.keyExport(slot, stage.room(32)));
    stage.free(slots[5]!, slots[5]!);
    stage.key();
    abi.wipe();
  },
};

/** A key wrapped, unwrapped again, and refused: under another prefix, then altered; each time where the hand says. */
function wrap(prefixLength: number, aadLength: number): Scenario {
  return {
    name: `a key wrapped: prefix ${prefixLength}, AAD ${aadLength}`,
    play(stage) {
      const { abi } = stage;
      const [outer, inner, target] = [stage.key(), stage.key(), stage.slot()];
      const iv = stage.known(12);
      const aad = stage.known(aadLength);
      const prefix = stage.secret(prefixLength);
      const wrapped = stage.room(prefixLength + 48);
      const unwrap = (): number => abi.unwrapKey(outer, target, iv, aad, aadLength, prefix, prefixLength, wrapped);
      stage.ok(abi.wrapKey(outer, inner, iv, aad, aadLength, prefix, prefixLength, wrapped));
      if (prefixLength > 0) {
        const altered = prefix + stage.hand.below(prefixLength);
        const was = stage.memory[altered]!;
        stage.alter(altered);
        stage.refused(unwrap(), Status.MISMATCH);
        stage.memory[altered] = was;
      }
      const altered = wrapped + stage.hand.below(prefixLength + 48);
      const was = stage.memory[altered]!;
      stage.alter(altered);
      stage.refused(unwrap(), Status.BAD_TAG);
      stage.memory[altered] = was;
      stage.ok(unwrap());
      stage.free(outer, inner, target);
    },
  };
}

export const KEYS: readonly Scenario[] = [
  table,
  ...[0, 1, 15, 16, 30, 31, 64, 80, 127, 128].map((length) => wrap(length, length % 35)),
  wrap(30, 300),
];
