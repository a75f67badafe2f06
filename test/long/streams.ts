// What is longer than memory: calls of the core on pieces that are made as they are needed, and lie nowhere.

import type { Instance } from '../../bindings/core/instance.ts';
import { instanceOf } from '../../bindings/core/internal.ts';
import { loadCore } from '../../bindings/core/load.ts';
import { good } from '../../bindings/core/status.ts';
import type { Variant } from '../../bindings/core/types.ts';

type Bytes = Uint8Array;

export const instanceOn = async (variant: Variant): Promise<Instance> => instanceOf(await loadCore({ variant }));

/** SHA-256 of `content` repeated to `length` bytes; both are multiples of 8. */
export async function sha256Of(variant: Variant, content: Bytes, length: number): Promise<Bytes> {
  const { abi, door } = await instanceOn(variant);
  const piece = Buffer.alloc(door.length - 64, content);
  return door.use(() => {
    good(abi.sha256Begin());
    const at = door.put(0, piece);
    for (let left = length; left > 0; left -= piece.length) good(abi.sha256Update(at, Math.min(left, piece.length)));
    good(abi.sha256Finish(at));
    return door.out(at, 32);
  });
}

/** `seconds` since `began`, and how much a second. */
export function rate(bytes: number, began: number): string {
  const seconds = (performance.now() - began) / 1000;
  return `${(bytes / 2 ** 30).toFixed(2)} GiB in ${seconds.toFixed(1)} s, ${Math.round(bytes / 1e6 / seconds)} MB/s`;
}
