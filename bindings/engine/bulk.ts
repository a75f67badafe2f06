// What differs between the kinds of engine: who does the bulk of the work, AES-256-GCM over data and PBKDF2. The results are
// the same.

import type { Bytes, Out } from '../core/bytes.ts';
import type { Message } from '../core/gcm.ts';
import type { Instance } from '../core/instance.ts';
import type { Password, Sharing } from './engine.ts';
import type { Series } from './series.ts';
import type { Slots } from './slots.ts';

/** Arguments are checked before: IVs have 12 bytes, `out` has room, what is opened has a tag. */
export interface Bulk {
  /** Writes ciphertext ‖ tag to the front of `out`, which may be the plaintext's own buffer. */
  seal(message: Message, plaintext: Bytes, out: Bytes, p: Sharing): void | Promise<void>;
  /** Fresh plaintext, or AuthenticationError. */
  open(message: Message, sealed: Bytes, p: Sharing): Out | Promise<Out>;
  /** Ciphertext ‖ tag of each, one behind the other. */
  sealSeries(series: Series): Out | Promise<Out>;
  /** Plaintexts, one behind the other, of those before the first whose tag is wrong. */
  openSeries(series: Series): Out | Promise<Out>;
  /** Takes the bytes in. `onEnd` is told of its end. */
  password(bytes: Bytes, onEnd: (password: Password) => void): Password;
  /** As an engine's; where there are workers. */
  readonly ahead?: number;
  /** Ends what runs beside this thread. Keys were freed before. */
  dispose?(): void;
  /** The same, but after what is under way: nobody has the engine any more. */
  lose?(): void;
}

export type MakeBulk = (core: Instance, slots: Slots) => Bulk;
