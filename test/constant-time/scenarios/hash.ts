// SHA-256, SHA-512, HMAC and HKDF. Secret: messages, keys, PRK. Public: lengths, infos, slots.

import { Status } from '../../../bindings/core/abi.ts';
import type { Scenario, Stage } from '../stage.ts';

type Which = 256 | 512;

/** A message given in parts: around the edges of a block, and across them. */
const PARTS: Record<Which, readonly (readonly number[])[]> = {
  256: [[], [0], [1], [55], [56], [63, 1], [64], [65, 0, 62], [3, 61, 200], [128]],
  512: [[], [0], [1], [111], [112], [127, 1], [128], [129, 0, 126], [3, 125, 400], [256]],
};

function feed(stage: Stage, which: Which, parts: readonly number[]): void {
  for (const length of parts) stage.ok(stage.abi[`sha${which}Update` as const](stage.secret(length), length));
}

function hash(which: Which, parts: readonly number[]): Scenario {
  return {
    name: `SHA-${which} of ${parts.join(' + ') || 'nothing'}`,
    play(stage) {
      stage.ok(stage.abi[`sha${which}Begin` as const]());
      feed(stage, which, parts);
      stage.ok(stage.abi[`sha${which}Finish` as const](stage.room(64)));
    },
  };
}

function hmac(which: Which, keyLength: number | 'slot', parts: readonly number[]): Scenario {
  return {
    name: `HMAC-SHA-${which} under a key of ${keyLength}, of ${parts.join(' + ') || 'nothing'}`,
    play(stage) {
      const { abi } = stage;
      if (keyLength === 'slot') {
        const slot = stage.key();
        stage.ok(abi[`hmacSha${which}BeginSlot` as const](slot));
        stage.free(slot);
      } else stage.ok(abi[`hmacSha${which}Begin` as const](stage.secret(keyLength), keyLength));
      feed(stage, which, parts);
      stage.ok(abi[`hmacSha${which}Finish` as const](stage.room(64)));
    },
  };
}

const extract: Scenario = {
  name: 'HKDF-Extract into a slot',
  play(stage) {
    const prk = stage.slot();
    stage.ok(stage.abi.hmacSha256Begin(stage.known(32), 32));
    feed(stage, 256, [32]);
    stage.ok(stage.abi.hmacSha256FinishSlot(prk));
    stage.free(prk);
  },
};

function expand(which: Which, blocks: number, infoLength: number): Scenario {
  return {
    name: `HKDF-Expand, SHA-${which}, ${blocks} blocks, info of ${infoLength}`,
    play(stage) {
      const { abi } = stage;
      const length = (blocks * which) / 8;
      const prk = stage.key();
      const target = stage.slot();
      stage.ok(abi.hkdfBegin(which, prk));
      for (let i = 0; i < blocks; i++) {
        stage.ok(abi.hkdfNext());
        stage.ok(abi[`sha${which}Update` as const](stage.known(infoLength), infoLength));
        stage.ok(abi.hkdfDone());
      }
      stage.ok(abi.hkdfKey(length - 32, target));
      stage.ok(abi.hkdfBytes(1, length - 1, stage.room(128)));
      stage.ok(abi.hkdfEnd());
      stage.free(prk, target);
    },
  };
}

const unfinished: Scenario = {
  name: 'what is begun is begun anew, and ended in the middle',
  play(stage) {
    const { abi } = stage;
    const prk = stage.key();
    for (const which of [256, 512] as const) {
      stage.ok(abi[`sha${which}Begin` as const]());
      stage.ok(abi[`sha${which}Begin` as const]());
      feed(stage, which, [100]);
    }
    for (const which of [256, 512] as const) {
      stage.ok(abi.hkdfBegin(which, prk));
      stage.ok(abi.hkdfNext());
      stage.ok(abi.hkdfNext());
      stage.ok(abi.hkdfBegin(which, prk));
      for (let i = 0; i < 1024 / which; i++) {
        stage.ok(abi.hkdfNext());
        stage.ok(abi.hkdfDone());
      }
      stage.refused(abi.hkdfNext(), Status.LIMIT);
    }
    stage.ok(abi.hkdfBegin(256, prk));
    stage.ok(abi.hkdfNext());
    stage.ok(abi.hkdfEnd());
    stage.ok(abi.hkdfEnd());
    stage.free(prk);
  },
};

export const HASHES: readonly Scenario[] = [
  ...([256, 512] as const).flatMap((which) => {
    const block = which / 4;
    return [
      ...PARTS[which].map((parts) => hash(which, parts)),
      ...[0, 1, 32, block - 1, block, block + 1, 3 * block].map((length) => hmac(which, length, [50])),
      ...[[], [block - 1], [block, 7]].map((parts) => hmac(which, 'slot', parts)),
    ];
  }),
  extract,
  expand(256, 1, 0),
  expand(256, 2, 70),
  expand(256, 3, 23),
  expand(256, 4, 31),
  expand(512, 1, 0),
  expand(512, 2, 63),
  expand(512, 2, 200),
  unfinished,
];
