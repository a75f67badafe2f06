// A bench whose keyring had another KEK before, and files that were sealed under that.

import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createEngine } from '../../bindings/index.ts';
import { fileStore } from '../../bindings/node.ts';
import { apply } from '../../bindings/keyring/change.ts';
import { unlock } from '../../bindings/keyring/unlock.ts';
import { sealInEnvelope } from '../../bindings/keys/envelope.ts';
import { generateEnvelopeDek, generateKek } from '../../bindings/keys/kek.ts';
import { wrapOldKek } from '../../bindings/keys/old-kek.ts';
import { sealWhole } from '../../bindings/keys/stream.ts';
import { Bench, PASSPHRASE } from './support.ts';

export interface AgedBench {
  bench: Bench;
  /** Seals under the old KEK. */
  seal(text: string): Promise<Uint8Array>;
  /** An envelope under the old KEK. */
  envelope(text: string): Promise<Uint8Array>;
  /** A folder with files of these names in it, each sealed under the old KEK, holding its name. */
  sealed(...names: string[]): Promise<string>;
  /** Kids. */
  old: string;
  kek: string;
  end(): void;
}

export async function agedBench(): Promise<AgedBench> {
  const bench = await new Bench().prepare();
  const engine = await createEngine();
  const session = await unlock({ engine, store: fileStore(bench.keyring), owner: 'default', passphrase: PASSPHRASE });
  const old = generateKek(engine);
  const { keyring, kek } = session;
  const wrapped = wrapOldKek(engine, kek, old, keyring);
  await apply(session, () => ({
    body: { oldKeks: new Map([[old.id, { wrapped, state: 'deactivated', time: 1_700_000_000 }]]) },
  }));
  session.lock();
  const seal = (text: string): Promise<Uint8Array> =>
    sealWhole(engine, old, new Uint8Array(Buffer.from(text)), { keyring, context: new Uint8Array() });
  return {
    bench,
    seal,
    async envelope(text) {
      const dek = generateEnvelopeDek(engine);
      const at = { keyring, context: new Uint8Array() };
      const sealed = await sealInEnvelope(engine, old, dek, new Uint8Array(Buffer.from(text)), at);
      dek.dispose();
      return sealed;
    },
    async sealed(...names) {
      const folder = bench.folder();
      for (const name of names) writeFileSync(join(folder, name), await seal(name));
      return folder;
    },
    old: old.id,
    kek: kek.id,
    end() {
      engine.dispose();
      bench.end();
    },
  };
}
