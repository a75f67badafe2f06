import type { Out } from '../core/bytes.ts';
import type { Engine } from '../engine/engine.ts';
import type { DocumentParts } from '../format/document.ts';
import type { Id } from '../format/ids.ts';
import type { DocumentKey, DocumentMacKey } from './roles.ts';

/** X(document key, "keystrata/document-mac/v1", keyring id, document key kid, 32). */
export declare const documentMacKey: (engine: Engine, key: DocumentKey, keyring: Id) => DocumentMacKey;
/** The 32-byte MAC over header and body as encoded. */
export declare const documentMac: (engine: Engine, key: DocumentMacKey, parts: Pick<DocumentParts, 'header' | 'body'>) => Out;
/** AuthenticationError where the MAC is not true of the parts. */
export declare const verifyDocument: (engine: Engine, key: DocumentMacKey, parts: DocumentParts) => void;
