// What is left under an operator key: every keyring of a store is looked at. Headers are not authenticated here: whoever can
// write the store can hide a slot from this, and could as well have removed the keyring.

import { KeystrataError } from '../core/errors.ts';
import type { Id } from '../format/ids.ts';
import type { Store } from '../store/store.ts';
import { asWorking, Progress, type Working } from './progress.ts';
import { parse } from './snapshot.ts';

/** Keyrings read at a time: a database answers several as fast as one. */
const AT_ONCE = 8;

/** ERR_KEY_STATE with how many there are, and one by name. */
export async function mustNotBeIn(stores: readonly Store[], operatorKey: Id, work: Working): Promise<void> {
  const left: string[] = [];
  const unread: string[] = [];
  const progress = new Progress(work, stores.length);
  for (const store of stores) {
    await inTurns(store.list(), async (owner) => {
      asWorking(work);
      const stored = await store.get(owner);
      if (stored === null) return; // deleted since it was listed
      try {
        const { header } = parse(stored);
        if (header.slots.some((slot) => slot.type === 'operator' && slot.operatorKey === operatorKey)) left.push(owner);
      } catch (error) {
        if (!KeystrataError.is(error)) throw error;
        unread.push(owner);
      }
    });
    progress.part(1).onProgress?.(1);
  }
  const named = ([first, ...more]: string[]): string =>
    `${JSON.stringify(first)}${more.length === 0 ? '' : ` and ${more.length} more`}`;
  if (left.length > 0)
    throw new KeystrataError('ERR_KEY_STATE', `${named(left)} still under ${operatorKey}: re-wrap them first`);
  if (unread.length > 0)
    throw new KeystrataError(
      'ERR_KEY_STATE',
      `${named(unread)} cannot be read, so nobody knows what opens them: see what they are first`,
    );
  progress.end();
}

/** `work` of every item, a few at a time. The first error ends it. */
export async function inTurns<T>(
  items: AsyncIterable<T> | Iterable<T>,
  work: (item: T) => Promise<void>,
): Promise<void> {
  const under = new Set<Promise<void>>();
  const failures: unknown[] = [];
  for await (const item of items) {
    const one = work(item)
      .catch((error: unknown) => void failures.push(error))
      .finally(() => under.delete(one));
    under.add(one);
    if (under.size === AT_ONCE) await Promise.race(under);
    if (failures.length > 0) break;
  }
  await Promise.all(under);
  if (failures.length > 0) throw failures[0];
}
