import { expect, it } from 'vitest';
import { memoryStore } from '../../bindings/store/memory.ts';
import { storeSuite } from './conformance.ts';

storeSuite('memory', () => {
  const store = memoryStore();
  return { store, again: () => store };
});

it('two memory stores have two names and nothing in common', async () => {
  const [one, two] = [memoryStore(), memoryStore()];
  expect(one.name).not.toBe(two.name);
  await one.put('id', Uint8Array.of(1), { ifVersion: null });
  expect(await two.get('id')).toBeNull();
});
