// What tests of the engine share: one engine a build, and keys to try.

import { loadCore } from '../../bindings/core/load.ts';
import type { Core, Variant } from '../../bindings/core/types.ts';
import { createEngine } from '../../bindings/engine/create.ts';
import type { As, Engine } from '../../bindings/engine/engine.ts';
import type { Purpose } from '../../bindings/engine/key.ts';

export const ID = '000102030405060708090a0b0c0d0e0f';
export const as = <P extends Purpose>(purpose: P): As<P> => ({ purpose, id: ID });

/** An engine on a core that the test can look into. */
export async function engineOn(variant: Variant): Promise<{ engine: Engine; core: Core }> {
  const core = await loadCore({ variant });
  return { engine: await createEngine({ core, prefer: 'wasm' }), core };
}
