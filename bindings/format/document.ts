import type { Bytes, Out } from '../core/bytes.ts';

/** The outer array, as it lies in the store; header and body are decoded by decodeHeader and decodeBody. */
export interface DocumentParts {
  readonly header: Bytes;
  readonly body: Bytes;
  readonly mac: Bytes; // 32
}
export declare const encodeDocument: (parts: DocumentParts) => Out;
/** Magic, version, sizes. ERR_FORMAT, ERR_UNSUPPORTED (a newer version), ERR_LIMIT (over 64 MiB). The parts are views of `bytes`. */
export declare const decodeDocument: (bytes: Bytes) => DocumentParts;
/** What is MACed: CBOR ["keystrata/document/v1", header, H(body)]. */
export declare const documentMacInput: (header: Bytes, bodyHash: Bytes) => Out;
