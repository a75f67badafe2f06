// What a sealed thing says of itself, without a key. It proves nothing: only opening does.

import type { Bytes } from '../core/bytes.ts';
import { asBytes } from '../core/bytes.ts';
import { TAG_LENGTH } from './cose-encrypt0.ts';
import { decodeDocument, isDocument } from './document.ts';
import { decodeEnvelope, isEnvelope } from './envelope.ts';
import { bad } from './fields.ts';
import { decodeHeader } from './header.ts';
import { decodeHpkeSeal } from './hpke-seal.ts';
import type { Id } from './ids.ts';
import { decodeRecord } from './record.ts';
import { STREAM_PREFIX_LENGTH, cobblestonePlaintext, decodePrefix, isStream } from './stream.ts';

export { STREAM_PREFIX_LENGTH } from './stream.ts';

export interface Description {
  readonly kind: 'record' | 'envelope' | 'stream' | 'document' | 'grant' | 'post';
  readonly keyId: Id; // the kid it wants: of the DEK (record) or the KEK (the others)
  readonly overhead: number; // bytes over the data; a document holds none: all of it
}

const COSE_TAG = 0xd0; // tag 16

const MESSAGE = 0x87; // an array of seven
const SIGN1 = [0xd2, 0x84]; // tag 18, an array of four
const NOTE = [0x4b, 0x53, 0x54, 0x52]; // "KSTR"

/** Why not: of ours, too, but of another kind, and where to go with it; or not ours. */
function otherwise(head: Bytes): string {
  const begins = (start: readonly number[]): boolean => start.every((byte, i) => head[i] === byte);
  if (head[0] === MESSAGE) return ofMessage(head);
  if (begins(SIGN1)) return 'this is signed, not sealed: verifySignature checks it with the public key of its signer';
  if (begins(NOTE)) return 'this is the note of a re-wrap: re-wrap the file beside it again, which removes it';
  return NEITHER;
}

const NEITHER = 'neither record, envelope, stream nor document of keystrata';

function ofMessage(head: Bytes): string {
  try {
    const { recipient } = decodeHpkeSeal(head, 'message', Infinity);
    return `this is a message to the public key ${recipient}: keypairs.open opens it where the private key is`;
  } catch {
    return NEITHER;
  }
}

/** The kind of `sealed`, the kid it wants, its overhead in bytes. ERR_FORMAT for anything else. */
export function describe(sealed: Bytes): Description {
  return describeHead(asBytes(sealed, 'sealed'), sealed.length);
}

/** The same of a file of `size` bytes of which only the head is at hand: of a stream the first 143 bytes are enough. */
export function describeHead(head: Bytes, size: number): Description {
  if (isStream(head)) {
    const { kek } = decodePrefix(head);
    const plaintext = cobblestonePlaintext(size - STREAM_PREFIX_LENGTH);
    if (plaintext === null) throw bad('stream', `${size} bytes: its end is missing`);
    return { kind: 'stream', keyId: kek, overhead: size - plaintext };
  }
  if (isDocument(head))
    return { kind: 'document', keyId: decodeHeader(decodeDocument(head).header).kek, overhead: size };
  if (isEnvelope(head)) {
    const { kek, record } = decodeEnvelope(head);
    return { kind: 'envelope', keyId: kek, overhead: size - (record.ciphertext.length - TAG_LENGTH) };
  }
  if (head[0] !== COSE_TAG) throw bad('sealed', otherwise(head));
  const { kid, ciphertext } = decodeRecord(head);
  return { kind: 'record', keyId: kid, overhead: size - (ciphertext.length - TAG_LENGTH) };
}
