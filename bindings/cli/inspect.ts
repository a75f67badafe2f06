// keystrata inspect [FILE]: what a keyring or a sealed thing says of itself. Needs no secret, and so proves nothing.

import { describeHead } from '../format/describe.ts';
import { Keyring } from '../keyring/keyring.ts';
import { detailsOf } from './details.ts';
import { headOf } from './head.ts';
import { findInput } from './input.ts';
import type { Call, Result } from './io.ts';
import { keyringBranches, slotFacts } from './keyring-tree.ts';
import { folderOf, mustExist, placeOf } from './place.ts';
import { draw } from './tree.ts';
import { bytesOf, printable, quoted } from './words.ts';

const NOT_PROVEN = 'read without a secret: not authenticated';

export const inspect = (call: Call, file?: string): Promise<Result> =>
  file === undefined ? inspectKeyring(call) : inspectFile(call, file);

async function inspectKeyring(call: Call): Promise<Result> {
  await mustExist(call);
  const found = await Keyring.inspect(placeOf(call));
  const { owner } = call.options;
  const folder = folderOf(call);
  return {
    facts: { kind: 'keyring', owner, folder, ...found, slots: found.slots.map(slotFacts) },
    shown: draw({
      text: `keyring of ${quoted(owner)} in ${printable(folder)} (${NOT_PROVEN})`,
      branches: keyringBranches(found),
    }),
  };
}

async function inspectFile(call: Call, file: string): Promise<Result> {
  const input = await findInput(call.io, file);
  const { bytes, size } = await headOf(input);
  const description = describeHead(bytes, size);
  const { kind, keyId, overhead } = description;
  const { facts, branches } = await detailsOf(bytes, description, size);
  return {
    facts: { kind, file, size, keyId, overhead, content: size - overhead, ...facts, authenticated: false },
    shown: draw({ text: `${input.name}: ${kind}, ${bytesOf(size)} (${NOT_PROVEN})`, branches }),
  };
}
