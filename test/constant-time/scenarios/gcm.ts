// AES-256 and GCM. Secret: keys, plaintexts, tags and where they are wrong; AAD too, since a caller may think so. Public: lengths,
// IVs, slots, and the verdict.

import { Status } from '../../../bindings/core/abi.ts';
import type { Scenario, Stage } from '../stage.ts';

/** In octets: around a block, the batches of four, eight and 128 blocks, sixteen of GHASH, and one step past each. */
const LENGTHS = [0, 1, 15, 16, 17, 63, 64, 65, 112, 127, 128, 129, 240, 255, 256, 257, 300, 511, 513, 1040];
const LONG = [2015, 2016, 2017, 2048, 2049, 4063, 4064, 4065, 4100, 8200];
/** Where the wide forms begin: with 1024 octets, behind the 112 of the first batch, with 48 blocks of a batch, with 1024 behind one. */
const WIDE = [1023, 1024, 1025, 1135, 1136, 1137, 2783, 2784, 3039, 3040, 3041, 6143, 6144, 6145];
const IVS = [1, 11, 12, 13, 16, 17, 60, 300];
const LONG_IVS = [1023, 1024, 1025, 1279, 1280];
const TAGS = [12, 13, 14, 15, 16];

/** Cut so that most parts begin and end within a block, then go over many. */
function split(length: number): number[] {
  const parts: number[] = [];
  for (let part = 1; length > 0; part = 3 * part + 2) {
    parts.push(Math.min(part, length));
    length -= part;
  }
  return parts;
}

/** Part by part over what lies at `at`. */
function feed(
  stage: Stage,
  call: 'gcmIv' | 'gcmAad' | 'gcmEncrypt' | 'gcmDecrypt',
  at: number,
  parts: readonly number[],
): void {
  for (const length of parts) {
    stage.ok(stage.abi[call](at, length));
    at += length;
  }
}

/** A message in pieces: sealed, opened again, sealed again but for the tag, and refused with one wrong where the hand says. */
function streamed(
  ivParts: readonly number[],
  aadParts: readonly number[],
  parts: readonly number[],
  tagLength = 16,
): Scenario {
  const sum = (numbers: readonly number[]): number => numbers.reduce((a, b) => a + b, 0);
  return {
    name: `GCM in pieces: IV ${ivParts.join(' + ')}, AAD ${aadParts.join(' + ') || 0}, text ${parts.join(' + ') || 0}, tag ${tagLength}`,
    play(stage) {
      const { abi } = stage;
      const slot = stage.key();
      const iv = stage.known(sum(ivParts));
      const aad = stage.secret(sum(aadParts));
      const text = stage.secret(sum(parts));
      const tag = stage.room(16);
      const start = (): void => {
        stage.ok(abi.gcmBegin(slot));
        feed(stage, 'gcmIv', iv, ivParts);
        feed(stage, 'gcmAad', aad, aadParts);
      };
      start();
      feed(stage, 'gcmEncrypt', text, parts);
      stage.ok(abi.gcmTag(tag, tagLength));
      start();
      feed(stage, 'gcmDecrypt', text, parts);
      stage.ok(abi.gcmVerify(tag, tagLength));
      start();
      feed(stage, 'gcmEncrypt', text, parts);
      stage.ok(abi.gcmEnd());
      stage.alter(tag + stage.hand.below(tagLength));
      start();
      feed(stage, 'gcmDecrypt', text, parts);
      stage.refused(abi.gcmVerify(tag, tagLength), Status.BAD_TAG);
      stage.free(slot);
    },
  };
}

/** A message whole: sealed, opened again, and refused, altered where the hand says. */
function whole(ivLength: number, aadLength: number, length: number, tagLength = 16): Scenario {
  return {
    name: `GCM whole: IV ${ivLength}, AAD ${aadLength}, text ${length}, tag ${tagLength}`,
    play(stage) {
      const { abi } = stage;
      const slot = stage.key();
      const iv = stage.known(ivLength);
      const aad = stage.secret(aadLength);
      const text = stage.put(Buffer.concat([stage.hand.bytes(length), Buffer.alloc(tagLength)]));
      const run = (call: 'gcmSeal' | 'gcmOpen'): number =>
        abi[call](slot, iv, ivLength, aad, aadLength, text, length, tagLength);
      stage.ok(run('gcmSeal'));
      stage.ok(run('gcmOpen'));
      stage.ok(run('gcmSeal'));
      stage.alter(text + length + stage.hand.below(tagLength));
      stage.refused(run('gcmOpen'), Status.BAD_TAG);
      stage.ok(run('gcmSeal'));
      stage.alter(text + stage.hand.below(length + tagLength));
      stage.refused(run('gcmOpen'), Status.BAD_TAG);
      stage.free(slot);
    },
  };
}

function blocks(count: number): Scenario {
  return {
    name: `AES-256 of ${count} blocks`,
    play(stage) {
      const slot = stage.key();
      stage.ok(stage.abi.aesEncryptBlocks(slot, stage.secret(16 * count), count));
      stage.free(slot);
    },
  };
}

const manyKeys: Scenario = {
  name: 'more keys than prepared contexts, each twice, and one freed while its message runs',
  play(stage) {
    const { abi } = stage;
    const slots = Array.from({ length: 10 }, () => stage.key());
    const at = stage.secret(16);
    for (const slot of [...slots, ...slots, ...slots.toReversed()]) stage.ok(abi.aesEncryptBlocks(slot, at, 1));
    stage.ok(abi.gcmBegin(slots[3]!));
    stage.ok(abi.gcmIv(stage.known(12), 12));
    stage.ok(abi.gcmEncrypt(at, 16));
    for (const slot of slots.slice(4)) stage.ok(abi.aesEncryptBlocks(slot, at, 1));
    stage.free(...slots);
  },
};

export const GCMS: readonly Scenario[] = [
  ...[0, 1, 3, 4, 5, 7, 8, 9, 17, 127, 128, 129, 300].map(blocks),
  ...LENGTHS.flatMap((length) => [whole(12, length % 40, length), streamed([12], [length % 40], [length])]),
  ...LONG.flatMap((length) => [whole(12, 16, length), streamed([12], [3, 14], split(length))]),
  ...IVS.flatMap((length) => [whole(length, 20, 20), streamed(split(length), [20], [20])]),
  ...TAGS.flatMap((length) => [whole(12, 0, 33, length), streamed([12], [], [33], length)]),
  ...LENGTHS.map((length) => streamed([5, 7], split(length), split(length))),
  ...WIDE.flatMap((length) => [whole(12, length % 40, length), whole(16, length, 20), streamed([12], [], [length])]),
  ...LONG_IVS.flatMap((length) => [whole(length, 0, 20), streamed([length], [20], [length])]),
  ...[100, 1263, 2031].map((first) => streamed([12], [5], [first, 1024, 3000])), // begins elsewhere in a batch
  ...[13, 16, 1024].map((iv) => streamed([iv], [1025], [1024, 2048, 3000])), // J0 is secret: narrow
  whole(16, 0, 4100),
  streamed([16], [], split(8200)),
  manyKeys,
];
