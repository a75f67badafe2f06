// keystrata keys list|create|rotate|suspend|resume|destroy: the DEKs of a keyring and their lives.

import { KeystrataError } from '../core/errors.ts';
import { asId, asLabel, asName } from '../keyring/arguments.ts';
import type { Keyring } from '../keyring/keyring.ts';
import type { KeyInfo } from '../keyring/types.ts';
import type { KeyState } from '../format/states.ts';
import type { Call, Result } from './io.ts';
import { folderOf, mustExist } from './place.ts';
import { draw, type Tree } from './tree.ts';
import { unlocked } from './vault.ts';
import { grouped, quoted } from './words.ts';

const factsOf = (call: Call, keyring: Keyring) => ({
  keyring: keyring.id,
  owner: call.options.owner,
  revision: keyring.revision,
  folder: folderOf(call),
});

const day = (at: Date): string => at.toISOString().slice(0, 10);

/** A DEK of no space seals the keyring's own private part. */
const nameOf = ({ role, space, use }: KeyInfo): string =>
  space !== undefined ? ` of ${quoted(space)}` : role === 'DEK' && use !== 'index' ? ' of the keyring itself' : '';

function keyTree(key: KeyInfo): Tree {
  const { id, role, version, state, usage, ends, history, use } = key;
  const used = `${grouped(usage.reserved)} of ${grouped(usage.limit)} uses reserved`;
  return {
    text: `${use === 'index' ? 'index key' : role} ${id}${nameOf(key)}, version ${version}: ${state}`,
    branches: [
      {
        text:
          ends === undefined
            ? used
            : `encrypts until ${day(ends.originator)}, decrypts until ${day(ends.recipient)}; ${used}`,
      },
      ...history.slice(1).map(({ state: to, at, reason }) => ({
        text: `${to} since ${day(at)}${reason === '' ? '' : `: ${reason}`}`,
      })),
    ],
  };
}

/** With the names of spaces, which nobody else reads, and what one should know of the keys. */
export async function listKeys(call: Call): Promise<Result> {
  await mustExist(call);
  return unlocked(call, (keyring) => {
    const keys = keyring.inventory();
    const warnings = keyring.warnings();
    return Promise.resolve({
      facts: { ...factsOf(call, keyring), keys, warnings },
      shown: draw({ text: `keys of ${quoted(call.options.owner)}`, branches: keys.map(keyTree) }),
      ...(warnings.length === 0 ? {} : { said: warnings.map(({ message }) => message).join('\n') }),
    });
  });
}

export async function createKey(call: Call, space: string): Promise<Result> {
  asName(space, 'SPACE');
  await mustExist(call);
  return unlocked(call, async (keyring) => {
    const { id } = await keyring.createDataKey({ space });
    return { facts: { ...factsOf(call, keyring), key: id, space }, said: `key ${id} encrypts ${quoted(space)} now` };
  });
}

export async function rotateKey(call: Call, space: string, { reason = '' }: { reason?: string }): Promise<Result> {
  asName(space, 'SPACE');
  asLabel(reason, '--reason');
  await mustExist(call);
  return unlocked(call, async (keyring) => {
    const { id } = await keyring.rotateDataKey({ space, reason });
    return {
      facts: { ...factsOf(call, keyring), key: id, space },
      said: `key ${id} encrypts ${quoted(space)} now; what was encrypted before still opens`,
    };
  });
}

const DONE: Readonly<Partial<Record<KeyState, string>>> = {
  suspended: 'encrypts nothing until it is resumed; what it encrypted opens',
  active: 'encrypts again',
  destroyed: 'is gone, and with it what it encrypted; older copies of the keyring still have it: remove such copies',
};

/** suspend, resume, destroy. */
export async function moveKey(
  call: Call,
  id: string,
  state: 'suspended' | 'active' | 'destroyed',
  { reason = '' }: { reason?: string },
): Promise<Result> {
  const key = asId(id, 'ID');
  asLabel(reason, '--reason');
  if (state === 'destroyed' && !call.options.force)
    throw new KeystrataError(
      'ERR_ARGUMENT',
      `destroying key ${key} makes everything that it encrypted unreadable, for good: say --force if that is wanted`,
    );
  await mustExist(call);
  return unlocked(call, async (keyring) => {
    await keyring.setState(key, state, reason);
    return { facts: { ...factsOf(call, keyring), key, state }, said: `key ${key} ${DONE[state]!}` };
  });
}
