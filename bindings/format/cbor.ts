import type { Bytes, Out } from '../core/bytes.ts';

export type Cbor = number | string | boolean | null | Bytes | readonly Cbor[] | ReadonlyMap<number | string | Bytes, Cbor>;
export declare const encode: (value: Cbor) => Out;
export declare const decode: (bytes: Bytes, name: string) => Cbor;
