import type { Bytes } from '../core/bytes.ts';
import type { Engine, Password, Work } from '../engine/engine.ts';
import type { Id } from '../format/ids.ts';
import type { Mek } from './roles.ts';

export type Passphrase = string | Bytes;
/** Code points after NFKC: for a minimum length. */
export declare const passphraseLength: (passphrase: Passphrase) => number;
/** Its HMAC midstates in the core. ERR_ARGUMENT (empty, NUL, lone surrogate, unassigned code point, not UTF-8) or ERR_LIMIT (over 1,024 bytes), before any work. Dispose it. */
export declare const takePassphrase: (engine: Engine, passphrase: Passphrase) => Password;
/** PBKDF2 → the MEK of a slot. */
export declare const passphraseMek: (password: Password, p: { salt: Bytes; iterations: number; slot: Id } & Work) => Promise<Mek>;
