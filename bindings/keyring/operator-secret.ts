// An operator key at work: it is a MEK, and has an id by which its slots are found. FORMATS §3, type 5.

import type { Engine } from '../engine/engine.ts';
import type { Id } from '../format/ids.ts';
import type { Slot, SlotSource } from '../format/slot.ts';
import { operatorMek } from '../keys/operator.ts';
import type { Mek } from '../keys/roles.ts';
import { asId } from './arguments.ts';
import type { Working } from './progress.ts';
import type { SlotSecret } from './slot-secret.ts';

export class OperatorSecret implements SlotSecret {
  readonly type = 'operator';
  readonly name: string;
  readonly #operatorKey: Id;
  readonly #mek: Mek;

  constructor(engine: Engine, key: Uint8Array, id: string) {
    this.#operatorKey = asId(id, 'operatorKeyId');
    this.name = `operator key ${this.#operatorKey}`;
    this.#mek = operatorMek(engine, key, this.#operatorKey);
  }

  opens(slot: Slot): boolean {
    return slot.type === this.type && slot.operatorKey === this.#operatorKey;
  }

  source(): SlotSource {
    return { type: this.type, operatorKey: this.#operatorKey };
  }

  mek(_slot: unknown, { onProgress }: Working): Promise<Mek> {
    onProgress?.(1);
    return Promise.resolve(this.#mek);
  }

  dispose(): void {
    this.#mek.dispose();
  }
}
