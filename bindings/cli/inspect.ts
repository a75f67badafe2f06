// keystrata inspect [FILE]: what a keyring or a sealed thing says of itself. Needs no secret, and so proves nothing.

import { KeystrataError } from '../core/errors.ts';
import { describeHead } from '../format/describe.ts';
import { isStream, STREAM_PREFIX_LENGTH } from '../format/stream.ts';
import { Keyring } from '../keyring/keyring.ts';
import type { Inspection, KeyInfo, SlotInfo } from '../keyring/types.ts';
import { openInput, type Input } from './input.ts';
import type { Call, Result } from './io.ts';
import { draw, type Tree } from './tree.ts';
import { folderOf, mustExist, placeOf } from './vault.ts';
import { bytesOf, grouped, printable, quoted } from './words.ts';

const NOT_PROVEN = 'read without a secret: not authenticated';
/** Streams tell all in their first 143 bytes; what is not a stream is read up to here. */
const MOST_READ = 64 * 1024 * 1024 + 1024;

export async function inspect(call: Call, file?: string): Promise<Result> {
  return file === undefined ? inspectKeyring(call) : inspectFile(call, file);
}

async function inspectKeyring(call: Call): Promise<Result> {
  await mustExist(call);
  const found = await Keyring.inspect(placeOf(call));
  const { owner } = call.options;
  const folder = folderOf(call);
  return { facts: { kind: 'keyring', owner, folder, ...found }, shown: draw(treeOf(found, owner, folder)) };
}

const day = (date: Date): string => date.toISOString().slice(0, 10);

function treeOf({ id, revision, slots, keys }: Inspection, owner: string, folder: string): Tree {
  const ids = new Set(keys.map((key) => key.id));
  const roots = keys.filter((key) => !ids.has(key.wrappedBy));
  return {
    text: `keyring ${id} of ${quoted(owner)}, revision ${revision} (${NOT_PROVEN})`,
    branches: [{ text: `in ${printable(folder)}` }, ...slots.map(slotTree), ...roots.map((key) => keyTree(key, keys))],
  };
}

function slotTree({ id, type, label, created, iterations, rotatable }: SlotInfo): Tree {
  const about = [
    ...(label === '' ? [] : [quoted(label)]),
    ...(iterations === undefined ? [] : [`${grouped(iterations)} iterations`]),
    `since ${day(created)}`,
    ...(rotatable ? ['rotatable'] : []),
  ];
  return { text: `slot ${id}: ${type}, ${about.join(', ')}; opens the KEK` };
}

function keyTree(key: KeyInfo, all: readonly KeyInfo[]): Tree {
  const space = key.space === undefined ? '' : ` of ${quoted(key.space)}`;
  return {
    text: `${key.role} ${key.id}${space}: version ${key.version}, ${key.state}`,
    branches: all
      .filter(({ wrappedBy, id }) => wrappedBy === key.id && id !== key.id)
      .map((child) => keyTree(child, all)),
  };
}

async function inspectFile(call: Call, file: string): Promise<Result> {
  const input = await openInput(call.io, file);
  try {
    const { head, size } = await readHead(input);
    const { kind, keyId, overhead } = describeHead(head, size);
    const content = Math.max(0, size - overhead);
    return {
      facts: { kind, file, size, keyId, overhead, content, authenticated: false },
      shown: draw({
        text: `${input.name}: ${kind}, ${bytesOf(size)} (${NOT_PROVEN})`,
        branches: [
          { text: `${kind === 'record' ? 'sealed under DEK' : 'its key is wrapped by KEK'} ${keyId}` },
          { text: `${bytesOf(content)} of content, ${grouped(overhead)} of overhead` },
        ],
      }),
    };
  } finally {
    await input.close();
  }
}

/** The size, and of the content what tells what it is. */
async function readHead(input: Input): Promise<{ head: Uint8Array; size: number }> {
  const chunks: Uint8Array[] = [];
  let kept = 0;
  let size = 0;
  let most = MOST_READ;
  for await (const chunk of input.stream()) {
    size += chunk.length;
    if (kept >= most) continue;
    chunks.push(chunk);
    const before = kept;
    kept += chunk.length;
    if (before < STREAM_PREFIX_LENGTH && kept >= STREAM_PREFIX_LENGTH && isStream(Buffer.concat(chunks))) most = kept;
    if (kept >= most && input.size !== null) break;
  }
  if (size === 0) throw new KeystrataError('ERR_FORMAT', `${input.name}: empty`);
  return { head: Buffer.concat(chunks), size: input.size ?? size };
}
