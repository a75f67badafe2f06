import type { Bytes, Out } from '../core/bytes.ts';
import type { Engine } from '../engine/engine.ts';
import type { Id } from '../format/ids.ts';
import type { BodyDek, DocumentKey, Kek, RecordDek, RoleKey, StreamDek, Wraps } from './roles.ts';

/** Fresh keys under a fresh random kid. */
export declare const generateKek: (engine: Engine) => Kek;
export declare const generateDocumentKey: (engine: Engine) => DocumentKey;
export declare const generateRecordDek: (engine: Engine) => RecordDek;
export declare const generateBodyDek: (engine: Engine) => BodyDek;
export declare const generateStreamDek: (engine: Engine) => StreamDek;

/** COSE_Encrypt0 of a key under the KEK: 123 bytes, or 120 (document key, stream DEK). */
export declare const wrapUnderKek: <R extends Wraps['KEK']>(engine: Engine, kek: Kek, role: R, key: RoleKey<R>, keyring: Id) => Out;
/** AuthenticationError where tag, kid or binding is wrong; ERR_FORMAT; ERR_KEY_NOT_FOUND where another KEK wrapped it. */
export declare const unwrapUnderKek: <R extends Wraps['KEK']>(engine: Engine, kek: Kek, role: R, wrapped: Bytes, at: { keyring: Id; kid: Id }) => RoleKey<R>;
