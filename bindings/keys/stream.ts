import type { Bytes, Out } from '../core/bytes.ts';
import type { Engine, Work } from '../engine/engine.ts';
import type { Id } from '../format/ids.ts';
import type { Kek } from './roles.ts';

export interface StreamOptions extends Work {
  keyring: Id;
  context: Bytes; // contextBytes
  size?: number; // of the input, for progress
  onEnd?(): void; // called once, when the stream's key is wiped: finished, failed, cancelled or disposed
}
/** Prefix and Cobblestone-256 under a stream DEK made for it, wrapped by the KEK. Wiped by finish, by an error, by dispose. */
export declare class StreamSealer implements Disposable {
  constructor(engine: Engine, kek: Kek, p: StreamOptions);
  push(plaintext: Bytes): Promise<Out[]>;
  finish(): Promise<Out[]>;
  dispose(): void;
  [Symbol.dispose](): void;
}
/** Every chunk is verified before it leaves. `kekOf` finds the KEK by the kid in the prefix (or throws ERR_KEY_NOT_FOUND). */
export declare class StreamOpener implements Disposable {
  constructor(engine: Engine, kekOf: (kid: Id) => Kek, p: StreamOptions);
  push(sealed: Bytes): Promise<Out[]>;
  finish(): Promise<Out[]>;
  dispose(): void;
  [Symbol.dispose](): void;
}
/** As a TransformStream; its abort or cancel disposes the sealer or opener. */
export declare const transform: (through: StreamSealer | StreamOpener) => TransformStream<Bytes, Out>;
/** One-shot. */
export declare const sealWhole: (engine: Engine, kek: Kek, plaintext: Bytes, p: StreamOptions) => Promise<Out>;
export declare const openWhole: (engine: Engine, kekOf: (kid: Id) => Kek, sealed: Bytes, p: StreamOptions) => Promise<Out>;
