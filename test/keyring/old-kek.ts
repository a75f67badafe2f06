// A keyring that had another KEK before: what was sealed under that is still there.

import { randomBytes } from 'node:crypto';
import { Keyring, memoryStore, type KeyState } from '../../bindings/index.ts';
import { apply } from '../../bindings/keyring/change.ts';
import { create } from '../../bindings/keyring/create.ts';
import { generateEnvelopeDek, generateKek } from '../../bindings/keys/kek.ts';
import { sealInEnvelope } from '../../bindings/keys/envelope.ts';
import { wrapOldKek } from '../../bindings/keys/old-kek.ts';
import { sealWhole } from '../../bindings/keys/stream.ts';
import { engine, operator, OWNER, utf8, type World } from './support.ts';

export interface Aged extends World {
  /** Kid of the KEK before. */
  old: string;
  /** Of the present one. */
  kek: string;
  /** Sealed under the old one. */
  envelope: (text: string, context: string) => Promise<Uint8Array>;
  stream: (bytes: Uint8Array, context: string) => Promise<Uint8Array>;
}

export async function aged(state: KeyState = 'deactivated'): Promise<Aged> {
  const store = memoryStore();
  const secret = operator();
  const where = { engine, store, owner: OWNER, ...secret };
  const { session } = await create({ ...where, memory: memoryStore(), recovery: false });
  const old = generateKek(engine);
  const { keyring: scope } = session;
  const wrapped = wrapOldKek(engine, session.kek, old, scope);
  await apply(session, () => ({ body: { oldKeks: new Map([[old.id, { wrapped, state, time: 1_700_000_000 }]]) } }));
  session.lock();
  const unlock = (): Promise<Keyring> => Keyring.unlock({ ...where, memory: memoryStore() });
  const keyring = await unlock();
  return {
    store,
    secret,
    keyring,
    unlock,
    old: old.id,
    kek: keyring.inventory()[0]!.id,
    async envelope(text, context) {
      const dek = generateEnvelopeDek(engine);
      const at = { keyring: scope, context: utf8(context) };
      const sealed = await sealInEnvelope(engine, old, dek, utf8(text), at);
      dek.dispose();
      return sealed;
    },
    stream: (bytes, context) => sealWhole(engine, old, bytes, { keyring: scope, context: utf8(context) }),
  };
}

/** One that is not in any keyring's way. */
export const noise = (n: number): Uint8Array => new Uint8Array(randomBytes(n));
