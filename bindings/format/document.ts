// The document: all that a keyring is, as it lies in a store. FORMATS §4.
//
//   4b 53 54 44 01  ("KSTD", version 1)  ‖  CBOR [header: bstr, body: bstr, mac: bstr 32]
//   mac = HMAC-SHA256(document MAC key, CBOR ["keystrata/document/v1", header, H(body)])    over the bytes as stored

import { concat } from '../core/bytes.ts';
import type { Bytes, Out } from '../core/bytes.ts';
import { encode } from './cbor.ts';
import { decode } from './cursor.ts';
import { asByteString, asTuple, bad, over, unknown } from './fields.ts';
import { HASH_LENGTH } from './ids.ts';
import { DOCUMENT } from './labels.ts';

/** The outer array; header and body are decoded by decodeHeader and decodeBody. */
export interface DocumentParts {
  readonly header: Bytes;
  readonly body: Bytes;
  readonly mac: Bytes; // 32
}

export const MAGIC_DOCUMENT = Uint8Array.of(0x4b, 0x53, 0x54, 0x44); // "KSTD"
const VERSION = 1;
const START = MAGIC_DOCUMENT.length + 1;
const MAX_DOCUMENT = 64 * 1024 * 1024; // FORMATS §12

export function encodeDocument(parts: DocumentParts): Out {
  const out = concat(MAGIC_DOCUMENT, Uint8Array.of(VERSION), encode([parts.header, parts.body, parts.mac]));
  if (out.length > MAX_DOCUMENT) throw over('document', MAX_DOCUMENT, 'bytes');
  return out;
}

/** Magic, version, sizes. ERR_FORMAT, ERR_UNSUPPORTED (a newer version), ERR_LIMIT. The parts are views of `bytes`. */
export function decodeDocument(bytes: Bytes): DocumentParts {
  if (bytes.length > MAX_DOCUMENT) throw over('document', MAX_DOCUMENT, 'bytes');
  if (!isDocument(bytes)) throw bad('document', 'this is no keyring document');
  if (bytes.length < START) throw bad('document', 'cut off');
  if (bytes[START - 1] !== VERSION) throw unknown('document', `version ${bytes[START - 1]}`);
  const [header, body, mac] = asTuple(decode(bytes.subarray(START), 'document'), 'document', 3);
  return {
    header: asByteString(header, 'document: header', 0, Infinity),
    body: asByteString(body, 'document: body', 0, Infinity),
    mac: asByteString(mac, 'document: mac', HASH_LENGTH),
  };
}

export const isDocument = (bytes: Bytes): boolean => MAGIC_DOCUMENT.every((byte, i) => bytes[i] === byte);

/** What is MACed. */
export const documentMacInput = (header: Bytes, bodyHash: Bytes): Out => encode([DOCUMENT, header, bodyHash]);
