// Document key → the MAC under which the document stands. FORMATS §4.
//
//   MAC key = X(document key, "keystrata/document-mac/v1", keyring id, document key kid, 32)
//   mac     = HMAC-SHA256(MAC key, CBOR ["keystrata/document/v1", header, H(body)])
//
// Secret: both keys, in the core. Public: the MAC.

import { equal } from '../core/bytes.ts';
import type { Bytes, Out } from '../core/bytes.ts';
import { authenticationError } from '../core/errors.ts';
import type { Engine } from '../engine/engine.ts';
import { documentMacInput } from '../format/document.ts';
import type { DocumentParts } from '../format/document.ts';
import { idBytes } from '../format/ids.ts';
import type { Id } from '../format/ids.ts';
import { AUDIT_MAC, DOCUMENT_MAC } from '../format/labels.ts';
import { expandKey } from './expand.ts';
import { inRole } from './roles.ts';
import type { DocumentKey, DocumentMacKey } from './roles.ts';

const macKey =
  (label: string) =>
  (engine: Engine, key: DocumentKey, keyring: Id): DocumentMacKey =>
    inRole(
      'DOCUMENT_MAC',
      expandKey(engine, key, {
        label,
        ids: [idBytes(keyring), idBytes(key.id)],
        as: { purpose: 'mac', id: key.id },
      }),
    );

export const documentMacKey = macKey(DOCUMENT_MAC);
/** Of an exported audit log, FORMATS §9. */
export const auditMacKey = macKey(AUDIT_MAC);

/** 32 bytes over the header as it is stored and H(body). */
export const documentMac = (engine: Engine, key: DocumentMacKey, p: { header: Bytes; bodyHash: Bytes }): Out =>
  engine.mac(key, documentMacInput(p.header, p.bodyHash));

/** H(body). AuthenticationError where the MAC is not true of the parts. */
export function verifyDocument(engine: Engine, key: DocumentMacKey, { header, body, mac }: DocumentParts): Out {
  const bodyHash = engine.sha256(body);
  if (!equal(documentMac(engine, key, { header, bodyHash }), mac))
    throw authenticationError('the keyring document was altered: restore it from a copy you trust');
  return bodyHash;
}
