// The next document: its parts encoded, and the MAC over them. FORMATS §4.

import { still, type Bytes, type Out } from '../core/bytes.ts';
import { encodeBody, type Body } from '../format/body.ts';
import { encodeDocument } from '../format/document.ts';
import { bySlotId, encodeHeader, type Header } from '../format/header.ts';
import { ID_LENGTH, idOf, type Id } from '../format/ids.ts';
import { encodePrivatePart, type PrivatePart } from '../format/private-part.ts';
import type { Engine } from '../engine/engine.ts';
import { sealPrivatePart } from '../keys/dek.ts';
import { documentMac } from '../keys/document-key.ts';
import { MOST_PREDECESSORS } from './policy.ts';
import { ActiveKeys } from './active-keys.ts';
import { underMac, unwrapBodyDek, type Snapshot, type StoredBody, type Unlocked } from './snapshot.ts';

/** Unix seconds. */
export const now = (): number => Math.floor(Date.now() / 1000);

export function randomId(engine: Engine): Id {
  const bytes = still(ID_LENGTH);
  engine.random(bytes);
  return idOf(bytes);
}

/** Whoever holds the KEK can write it. Secret: the private part, which leaves sealed. */
export interface Content {
  readonly header: Header;
  readonly body: Body;
  readonly private: PrivatePart;
}

/** A document ready for the store: what is in it, and its bytes. */
export type Composed = Omit<Snapshot, 'version'> & { readonly bytes: Out };

/** What may be taken over from the document before. */
export type Before = Pick<Snapshot, 'body' | 'stored' | 'private' | 'active'>;

/** The private part is sealed again, and the body encoded, where they are not those of `before`. */
export async function compose(unlocked: Unlocked, content: Content, before?: Before): Promise<Composed> {
  const { engine } = unlocked;
  const { header, private: opened } = content;
  const body =
    opened === before?.private ? content.body : { ...content.body, private: await sealed(unlocked, content) };
  const stored = body === before?.body ? before.stored : encoded(engine, body);
  const parts = { header: encodeHeader(header), body: stored.bytes };
  const mac = underMac(unlocked, header, (key) =>
    documentMac(engine, key, { header: parts.header, bodyHash: stored.hash }),
  );
  const bytes = encodeDocument({ ...parts, mac });
  const active = before?.active.next(body.keys, opened.labels) ?? new ActiveKeys(body.keys, opened.labels);
  return { bytes, hash: engine.sha256(bytes), header, body, stored, private: opened, active };
}

function encoded(engine: Engine, body: Body): StoredBody {
  const bytes = encodeBody(body);
  return { bytes, hash: engine.sha256(bytes) };
}

async function sealed(unlocked: Unlocked, content: Content): Promise<Bytes> {
  const plaintext = encodePrivatePart(content.private);
  try {
    const dek = unwrapBodyDek(unlocked, content.body);
    try {
      return await sealPrivatePart(unlocked.engine, dek, plaintext, unlocked.keyring);
    } finally {
      dek.dispose();
    }
  } finally {
    plaintext.fill(0);
  }
}

/** The header that follows: one revision more, written at `time` by `device`, the hash of the document before it first in field 10. */
export function nextHeader(
  before: Snapshot,
  changed: Partial<Pick<Header, 'slots' | 'kek' | 'documentKey'>>,
  at: Pick<Header, 'time' | 'device'>,
): Header {
  const { header, hash } = before;
  return {
    ...header,
    ...changed,
    ...at,
    slots: [...(changed.slots ?? header.slots)].sort(bySlotId), // as who reads it will have them
    revision: header.revision + 1,
    previous: [hash, ...header.previous].slice(0, MOST_PREDECESSORS),
  };
}
