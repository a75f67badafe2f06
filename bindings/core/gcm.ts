// AES-256-GCM under the key of a slot, for messages of any length. SP 800-38D §7.
//
// What fits the I/O region is one call of the core. Longer text streams through it:
//
//   I/O   [ text …… ‖ tag ][ IV …… ][ AAD …… ]            one call
//   I/O   [ tag 16 ][ piece of IV, AAD or text ]          streamed
//
// Secret: the text. Public: IV, AAD, tag, lengths, and whether the tag is true.

import { still, type Bytes } from './bytes.ts';
import { authenticationError } from './errors.ts';
import type { Instance } from './instance.ts';
import { good } from './status.ts';

/** What a message is bound to, and under which key. */
export interface Message {
  slot: number;
  iv: Bytes;
  aad: Bytes;
  tagLength: number;
}

const TAG = 16;
const aligned = (length: number): number => (length + 15) & ~15;

const isShared = (view: Bytes): boolean =>
  typeof SharedArrayBuffer !== 'undefined' && view.buffer instanceof SharedArrayBuffer;

/** Whether `out` begins inside `text`, behind its first byte. */
function beginsInside(out: Bytes, text: Bytes): boolean {
  const distance = out.byteOffset - text.byteOffset;
  return out.buffer === text.buffer && distance > 0 && distance < text.length;
}

/** Runs a message in pieces: IV and AAD go in, then `work`; nothing of it stays. */
function stream(core: Instance, { slot, iv, aad }: Message, work: () => void): void {
  const { abi, door } = core;
  try {
    good(abi.gcmBegin(slot));
    door.feed(TAG, iv, (at, length) => good(abi.gcmIv(at, length)));
    door.feed(TAG, aad, (at, length) => good(abi.gcmAad(at, length)));
    work();
  } finally {
    abi.gcmEnd();
  }
}

/**
 * Streams `text` into the front of `out`, in pieces and forwards. A piece is read before it is written over, which is not
 * enough where `out` begins inside `text`: then the text is moved there first.
 */
function transform(core: Instance, text: Bytes, out: Bytes, work: (at: number, length: number) => number): void {
  let source = text;
  if (beginsInside(out, text)) {
    out.set(text);
    source = out.subarray(0, text.length);
  }
  core.door.feed(TAG, source, (at, length, from) => {
    good(work(at, length));
    core.door.copyOut(at, length, out, from);
  });
}

/** Writes ciphertext ‖ tag to the front of `out`, which has room and may overlap the plaintext in any way. */
export function seal(core: Instance, message: Message, plaintext: Bytes, out: Bytes): void {
  const { slot, iv, aad, tagLength } = message;
  const { abi, door } = core;
  const length = plaintext.length;
  const ivOffset = aligned(length + TAG);
  const aadOffset = ivOffset + aligned(iv.length);
  if (aadOffset + aad.length > door.length) return sealLong(core, message, plaintext, out);
  try {
    const at = door.put(0, plaintext);
    const ivAt = door.put(ivOffset, iv);
    const aadAt = door.put(aadOffset, aad);
    good(abi.gcmSeal(slot, ivAt, iv.length, aadAt, aad.length, at, length, tagLength));
    door.copyOut(at, length + tagLength, out);
    door.leave(); // ciphertext lies over the plaintext, and IV and AAD are public: a wipe would be a twentieth of a short message
  } finally {
    door.wipe();
  }
}

function sealLong(core: Instance, message: Message, plaintext: Bytes, out: Bytes): void {
  const { abi, door } = core;
  const { length } = plaintext;
  const target = isShared(out) ? still(length + message.tagLength) : out; // shared memory may be the plaintext's through another buffer
  door.use(() =>
    stream(core, message, () => {
      transform(core, plaintext, target, (at, piece) => abi.gcmEncrypt(at, piece));
      const at = door.room(0, TAG);
      good(abi.gcmTag(at, message.tagLength));
      door.copyOut(at, message.tagLength, target, length);
    }),
  );
  if (target !== out) out.set(target);
}

/**
 * Writes the plaintext to the front of `out`, which has room for it and may overlap `sealed` in any way. A wrong tag:
 * AuthenticationError, and so much of `out` is zeroed as the plaintext would have filled.
 */
export function open(core: Instance, message: Message, sealed: Bytes, out: Bytes): void {
  const { slot, iv, aad, tagLength } = message;
  const { abi, door } = core;
  const length = sealed.length - tagLength;
  if (length < 0) throw authenticationError('cannot be opened: shorter than its tag, so cut off or not sealed data');
  const ivOffset = aligned(length + TAG);
  const aadOffset = ivOffset + aligned(iv.length);
  let verified = false;
  try {
    if (aadOffset + aad.length > door.length) openLong(core, message, sealed, length, out);
    else {
      const at = door.put(0, sealed);
      const ivAt = door.put(ivOffset, iv);
      const aadAt = door.put(aadOffset, aad);
      good(abi.gcmOpen(slot, ivAt, iv.length, aadAt, aad.length, at, length, tagLength));
      door.copyOut(at, length, out);
    }
    verified = true;
  } finally {
    door.wipe();
    if (!verified) out.fill(0, 0, length);
  }
}

function openLong(core: Instance, message: Message, sealed: Bytes, length: number, out: Bytes): void {
  const { abi, door } = core;
  const target = isShared(out) ? still(length) : out; // other threads see shared memory before the tag is checked
  try {
    const tagAt = door.put(0, sealed.subarray(length)); // before text is written over it; pieces lie behind it
    stream(core, message, () => {
      transform(core, sealed.subarray(0, length), target, (at, piece) => abi.gcmDecrypt(at, piece));
      good(abi.gcmVerify(tagAt, message.tagLength));
    });
    if (target !== out) out.set(target);
  } finally {
    if (target !== out) target.fill(0);
  }
}
