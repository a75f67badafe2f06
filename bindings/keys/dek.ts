import type { Bytes, Out } from '../core/bytes.ts';
import type { Engine } from '../engine/engine.ts';
import type { Id } from '../format/ids.ts';
import type { RecordParts } from '../format/record.ts';
import type { BodyDek, RecordDek } from './roles.ts';

/** COSE_Encrypt0 of at most 64 MiB under the DEK, bound to keyring and context (bytes: contextBytes). */
export declare const sealRecord: (engine: Engine, dek: RecordDek, plaintext: Bytes, at: { keyring: Id; context: Bytes }) => Out | Promise<Out>;
/** `record` from decodeRecord, whose kid found the DEK. AuthenticationError. */
export declare const openRecord: (engine: Engine, dek: RecordDek, record: RecordParts, at: { keyring: Id; context: Bytes }) => Out | Promise<Out>;

/** The document's private part (format/private-part.ts) under the body DEK: body field 8. */
export declare const sealPrivatePart: (engine: Engine, dek: BodyDek, plaintext: Bytes, keyring: Id) => Out | Promise<Out>;
export declare const openPrivatePart: (engine: Engine, dek: BodyDek, sealed: Bytes, keyring: Id) => Out | Promise<Out>;
