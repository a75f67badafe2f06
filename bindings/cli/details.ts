// What each kind of sealed thing tells: as branches of a tree, and as facts for --json.

import type { Bytes } from '../core/bytes.ts';
import type { Description } from '../format/describe.ts';
import { decodeEnvelope } from '../format/envelope.ts';
import { CHUNK, decodePrefix } from '../format/stream.ts';
import { keyringBranches, readDocument, slotFacts } from './keyring-tree.ts';
import type { Tree } from './tree.ts';
import { bytesOf, grouped, quoted } from './words.ts';

export interface Details {
  branches: Tree[];
  /** What this kind has beside what every kind has. */
  facts: object;
}

/** `content`: bytes of plaintext. */
type Of = Pick<Description, 'keyId' | 'overhead'> & { content: number };

const dataOf = ({ content, overhead }: Of): string =>
  `${bytesOf(content)} of content, ${grouped(overhead)} of overhead`;

/** KEK → DEK → data, the DEK carried with the data. */
const carried = ({ keyId }: Of, dek: string, data: string): Tree[] => [
  {
    text: `KEK ${keyId} wraps`,
    branches: [{ text: `DEK ${dek}, carried with it, seals`, branches: [{ text: data }] }],
  },
];

const DETAILS: { readonly [kind in Description['kind']]?: (head: Bytes, of: Of) => Details | Promise<Details> } = {
  record: (_, of) => ({
    branches: [{ text: `DEK ${of.keyId} seals`, branches: [{ text: dataOf(of) }] }],
    facts: {},
  }),
  envelope(head, of) {
    const { kid } = decodeEnvelope(head).record;
    return { branches: carried(of, kid, dataOf(of)), facts: { dataKeyId: kid } };
  },
  stream(head, of) {
    const { kid } = decodePrefix(head);
    const chunks = Math.floor(of.content / CHUNK) + 1; // the last one is always there
    const data = `${dataOf(of)}, in ${chunks === 1 ? '1 chunk' : `${grouped(chunks)} chunks`}`;
    return { branches: carried(of, kid, data), facts: { dataKeyId: kid, chunks } };
  },
  async document(head) {
    const { owner, found } = await readDocument(head);
    return {
      branches: [{ text: `keyring of ${quoted(owner)}`, branches: keyringBranches(found) }],
      facts: { owner, ...found, slots: found.slots.map(slotFacts) },
    };
  },
};

/** Of the head of a thing, as describeHead has described it. */
export async function detailsOf(head: Bytes, { kind, keyId, overhead }: Description, size: number): Promise<Details> {
  const of = { keyId, overhead, content: size - overhead };
  return (await DETAILS[kind]?.(head, of)) ?? { branches: [{ text: `key ${keyId}` }, { text: dataOf(of) }], facts: {} };
}
