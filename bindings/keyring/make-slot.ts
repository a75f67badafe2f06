// A direct slot: the KEK wrapped under what its secret derives to. FORMATS §3.

import type { Id } from '../format/ids.ts';
import type { DirectSlot } from '../format/slot.ts';
import { sealDirect } from '../keys/mek.ts';
import type { Working } from './progress.ts';
import type { SlotSecret } from './slot-secret.ts';
import type { Unlocked } from './snapshot.ts';

/** With a fresh salt where its type has one; `created` in Unix seconds. */
export async function makeSlot(
  { engine, keyring, kek }: Pick<Unlocked, 'engine' | 'keyring' | 'kek'>,
  secret: SlotSecret,
  p: { id: Id; created: number; iterations: number },
  work: Working,
): Promise<DirectSlot> {
  const source = secret.source(p.iterations);
  const mek = await secret.mek({ id: p.id, keyring, ...source }, work);
  const wrap = sealDirect(engine, mek, kek, { keyring, slot: p.id, type: source.type });
  return { id: p.id, created: p.created, ...source, ...wrap };
}
