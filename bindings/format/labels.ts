// Every label that separates one use of a key or a hash from another. FORMATS §1: the whole list, ASCII.

export const SLOT = 'keystrata/slot/v1'; //                 X(MEK, ·, keyring id, slot id, type ‖ mode): wrap key 32, commitment 32, seal key 32 (rotatable)
export const PIN = 'keystrata/pin/v1'; //                   the MEK of a PIN slot, §3
export const PRF = 'keystrata/prf/v1'; //                   … of a passkey slot
export const RECOVERY = 'keystrata/recovery/v1'; //         … of a recovery slot

export const DOCUMENT_MAC = 'keystrata/document-mac/v1'; // X(document key, ·, keyring id, document key kid, 32)
export const AUDIT_MAC = 'keystrata/audit-mac/v1'; //       the same of the exported audit log

export const DOCUMENT = 'keystrata/document/v1'; //         first element of what is MACed or hashed
export const AUDIT = 'keystrata/audit/v1';
export const EPOCH_HASH = 'keystrata/epoch-hash/v1';
export const HEAD = 'keystrata/head/v1';

export const INDEX = 'keystrata/index/v1'; //              first element of what an index key MACs

export const SLOT_SEAL = 'keystrata/slot-seal/v1'; //       HPKE info of sealed slots
export const SEAL_MAC = 'keystrata/seal-mac/v1'; //         MAC input of sealed slots
export const ESCROW_SIGN = 'keystrata/escrow-sign/v1'; //   external_aad of the escrow's COSE_Sign1

export const GRANT = 'keystrata/grant/v1'; //               HPKE info, and external_aad of a lone grant
export const POST = 'keystrata/post/v1'; //                 external_aad of COSE_Sign1
export const EPOCH = 'keystrata/epoch/v1';
export const INTRODUCE = 'keystrata/introduce/v1';
export const SIGNED = 'keystrata/signed/v1';
export const MESSAGE = 'keystrata/message/v1'; //           HPKE info and external_aad of an application's own messages

export const ITEM = 'keystrata/item/v1'; //                 stream contexts in spaces
export const METADATA = 'keystrata/metadata/v1';
