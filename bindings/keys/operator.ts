import type { Bytes } from '../core/bytes.ts';
import type { Engine } from '../engine/engine.ts';
import type { Id } from '../format/ids.ts';
import type { Mek } from './roles.ts';

/** An operator key of 32 bytes is the MEK of its slots. The caller wipes theirs. */
export declare const operatorMek: (engine: Engine, key: Bytes, id: Id) => Mek;
