// Long records under more keys than the core has slots, all at once: a key at work is not wiped to make room for another.

import { expect, it } from 'vitest';
import { createEngine } from '../../bindings/engine/create.ts';
import { Keyring } from '../../bindings/keyring/keyring.ts';
import { memoryStore } from '../../bindings/store/memory.ts';

it.each(['webcrypto', 'auto', 'wasm'] as const)('200 spaces, twice each: %s', async (prefer) => {
  const engine = await createEngine({ prefer });
  const operator = { operatorKey: new Uint8Array(32).fill(7), operatorKeyId: '07'.repeat(16) };
  const { keyring } = await Keyring.create({ engine, store: memoryStore(), owner: 'a', recovery: false, ...operator });
  const spaces = Array.from({ length: 200 }, (_, i) => `space ${i}`);
  await keyring.createDataKeys(spaces.map((space) => ({ space })));
  const texts = spaces.map((_, i) => new Uint8Array(40_000).fill(i));
  const sealed = await Promise.all(
    [...spaces, ...spaces].map((space, i) => keyring.encrypt(texts[i % 200]!, { space, context: `${i}` })),
  );
  const opened = await Promise.all(sealed.map((record, i) => keyring.decrypt(record, { context: `${i}` })));
  opened.forEach((text, i) => expect(Buffer.compare(text, texts[i % 200]!), `${i}`).toBe(0));
  keyring.lock();
  expect(engine.freeSlots()).toBe(64);
  engine.dispose();
});
