// The keyring's own keys, made anew with each KEK: the document key, whose MAC the document stands under, and the body DEK,
// which seals the private part. FORMATS §§2, 4. They leave the core wrapped.

import type { KeyRecord, Policy } from '../format/body.ts';
import type { Header } from '../format/header.ts';
import type { Id } from '../format/ids.ts';
import { generateBodyDek, generateDocumentKey, wrapUnderKek } from '../keys/kek.ts';
import { randomId } from './compose.ts';
import type { Unlocked } from './snapshot.ts';
import { freshRecord } from './fresh-record.ts';

/** Two units of the KEK: one each. */
export const OWN_KEYS = 2;

export function makeDocumentKey({ engine, kek, keyring }: Unlocked): Header['documentKey'] {
  const key = generateDocumentKey(engine);
  try {
    return { id: key.id, wrapped: wrapUnderKek(engine, kek, 'DOCUMENT', key, keyring) };
  } finally {
    key.dispose();
  }
}

/** The first of its family, or the version after `before`. */
export function makeBodyKey(
  { engine, kek, keyring }: Unlocked,
  { time, policy, before }: { time: number; policy: Policy; before?: KeyRecord },
): { kid: Id; record: KeyRecord } {
  const dek = generateBodyDek(engine);
  try {
    const of = { family: before?.family ?? randomId(engine), version: (before?.version ?? 0) + 1 };
    const wrapped = wrapUnderKek(engine, kek, 'BODY', dek, keyring);
    return { kid: dek.id, record: freshRecord({ type: 'body', ...of, wrapped }, { time, policy }) };
  } finally {
    dek.dispose();
  }
}
