// A keyring as the branches of a tree: how it opens, and what wraps what.

import { decodeDocument } from '../format/document.ts';
import { decodeHeader } from '../format/header.ts';
import { Keyring } from '../keyring/keyring.ts';
import type { Inspection, KeyInfo, SlotInfo } from '../keyring/types.ts';
import { memoryStore } from '../store/memory.ts';
import { hex, type Bytes } from '../core/bytes.ts';
import type { Tree } from './tree.ts';
import { grouped, quoted } from './words.ts';

/** A document that lies in no store. */
export async function readDocument(bytes: Bytes): Promise<{ owner: string; found: Inspection }> {
  const { owner } = decodeHeader(decodeDocument(bytes).header);
  const store = memoryStore();
  await store.put(owner, bytes, { ifVersion: null });
  return { owner, found: await Keyring.inspect({ store, owner }) };
}

export function keyringBranches({ id, revision, slots, keys }: Inspection): Tree[] {
  const ids = new Set(keys.map((key) => key.id));
  const roots = keys.filter((key) => !ids.has(key.wrappedBy));
  return [
    { text: `id ${id}, revision ${revision}` },
    ...slots.map(slotTree),
    ...roots.map((key) => keyTree(key, keys)),
  ];
}

/** For --json: bytes as hex. */
export const slotFacts = ({ salt, credentialId, escrow, ...slot }: SlotInfo) => ({
  ...slot,
  ...(salt && { salt: hex(salt) }),
  ...(credentialId && { credentialId: hex(credentialId) }),
  ...(escrow && { escrow: { ...escrow, publicKey: hex(escrow.publicKey) } }),
});

const day = (date: Date): string => date.toISOString().slice(0, 10);

const OPENED_BY: Readonly<Record<SlotInfo['type'], string>> = {
  passphrase: 'passphrase',
  recovery: 'recovery code',
  pin: 'PIN and device secret',
  prf: 'passkey',
  operator: 'operator key',
  escrow: 'escrow key',
};

export function slotTree({ id, type, label, created, iterations, ...more }: SlotInfo): Tree {
  const about = [
    ...(label === '' ? [] : [quoted(label)]),
    ...(iterations === undefined ? [] : [`${grouped(iterations)} iterations`]),
    `since ${day(created)}`,
    ...(more.rotatable ? [`rotatable (${more.kem})`] : []),
    ...(more.operatorKeyId === undefined ? [] : [`key ${more.operatorKeyId}`]),
    ...(more.escrow === undefined ? [] : [`to a key of ${more.kem}`, more.escrow.signed ? 'signed' : 'not signed']),
    ...(more.enrolAgain ? ['to be added again: its KEK was compromised'] : []),
  ];
  return { text: `slot ${id}: ${OPENED_BY[type]}, ${about.join(', ')}; opens the KEK` };
}

function keyTree(key: KeyInfo, all: readonly KeyInfo[]): Tree {
  const { id, role, space, version, state, usage, ends } = key;
  const about = [
    `version ${version}`,
    state,
    ...(ends === undefined ? [] : [`meant to seal until ${day(ends.originator)}`]),
    ...(usage.reserved === 0 ? [] : [`${grouped(usage.reserved)} of ${grouped(usage.limit)} uses reserved`]),
  ];
  return {
    text: `${key.use === 'index' ? 'index key' : role} ${id}${space === undefined ? '' : ` of ${quoted(space)}`}: ${about.join(', ')}`,
    branches: all.filter((other) => other.wrappedBy === id && other.id !== id).map((child) => keyTree(child, all)),
  };
}
