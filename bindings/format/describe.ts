// What a sealed thing says of itself, without a key. It proves nothing: only opening does.

import type { Bytes } from '../core/bytes.ts';
import { asBytes } from '../core/bytes.ts';
import { TAG_LENGTH } from './cose-encrypt0.ts';
import { decodeDocument, isDocument } from './document.ts';
import { decodeEnvelope, isEnvelope } from './envelope.ts';
import { bad } from './fields.ts';
import { decodeHeader } from './header.ts';
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
  if (head[0] !== COSE_TAG) throw bad('sealed', 'neither record, envelope, stream nor document of keystrata');
  const { kid, ciphertext } = decodeRecord(head);
  return { kind: 'record', keyId: kid, overhead: size - (ciphertext.length - TAG_LENGTH) };
}
