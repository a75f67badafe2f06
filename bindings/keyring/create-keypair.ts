// A new keypair: drawn, its private key wrapped by the KEK, entered in one write. FORMATS §§4, 5.

import { KeystrataError } from '../core/errors.ts';
import type { KeypairRecord } from '../format/body.ts';
import type { Id } from '../format/ids.ts';
import { kemOf } from '../keys/agreement.ts';
import { generateKeypair, wrapPrivateKey } from '../keys/keypair.ts';
import type { Keypair } from '../keys/keypair.ts';
import { algorithmOf } from '../keys/signing.ts';
import { asLabel, asOptions } from './arguments.ts';
import { apply, type Change } from './change.ts';
import { now } from './compose.ts';
import { tooMany } from './create-data-keys.ts';
import { checkProfile } from './keypair-keys.ts';
import { makeRoom } from './key-shelf.ts';
import { MOST_KEYS, MOST_LABEL } from './policy.ts';
import type { Session } from './session.ts';

/** Agreement: `kem`; signatures: `alg`. P-256 and ES256 where nothing is said. `label`: 0 … 255 bytes, for who unlocks the keyring. */
export type CreateKeypair =
  | { use: 'agree'; kem?: 'P-256' | 'X25519' | 'X-Wing'; label?: string }
  | { use: 'sign'; alg?: 'ES256' | 'EdDSA'; label?: string };

/** Bytes that a label takes in the private part, with its id and heads. */
const LABELLED_MOST = MOST_LABEL + 20;

const KEMS = ['P-256', 'X25519', 'X-Wing'] as const;
const ALGORITHMS = { ES256: 'P-256', EdDSA: 'Ed25519' } as const;

const wanted = (what: string): KeystrataError => new KeystrataError('ERR_ARGUMENT', what);

type Asked =
  | { readonly use: 'agree'; readonly kind: (typeof KEMS)[number] }
  | { readonly use: 'sign'; readonly kind: (typeof ALGORITHMS)[keyof typeof ALGORITHMS] };

function asked(p: CreateKeypair): Asked {
  const { use, kem, alg } = asOptions(p, 'p') as { use: unknown; kem?: unknown; alg?: unknown };
  if (use === 'agree') {
    const kind = KEMS.find((one) => one === (kem ?? 'P-256'));
    if (kind === undefined || alg !== undefined) throw wanted(`kem: one of ${KEMS.join(', ')} is wanted`);
    return { use, kind };
  }
  if (use !== 'sign') throw wanted('use: "agree" or "sign" is wanted');
  const name = (alg ?? 'ES256') as keyof typeof ALGORITHMS;
  if (typeof name !== 'string' || !Object.hasOwn(ALGORITHMS, name) || kem !== undefined)
    throw wanted(`alg: one of ${Object.keys(ALGORITHMS).join(', ')} is wanted`);
  return { use, kind: ALGORITHMS[name] };
}

/** Its kid. ERR_UNSUPPORTED where the profile does not know the algorithm. */
export async function createKeypair(session: Session, p: CreateKeypair): Promise<Id> {
  const what = asked(p);
  const label = p.label === undefined ? '' : asLabel(p.label, 'label');
  checkProfile(session.snapshot.header.profile, what.kind);
  await session.shares.take(session.kek.id, 1);
  if (label !== '') await session.shares.takeForPrivate(LABELLED_MOST);
  session.use();
  const { kid, record } = generate(session, what);
  await apply(session, entered(kid, record, label));
  return kid;
}

function generate(session: Session, { use, kind }: Asked): { kid: Id; record: KeypairRecord } {
  const { engine, kek, keyring } = session;
  makeRoom(engine);
  const recorded = (pair: Keypair, algorithm: number, wrapped: Uint8Array): { kid: Id; record: KeypairRecord } => ({
    kid: pair.privateKey.id,
    record: {
      use,
      algorithm,
      publicKey: pair.publicKey,
      wrapped,
      state: 'active',
      created: now(),
      transitions: [],
    },
  });
  if (use === 'agree') {
    const pair = generateKeypair(engine, 'AGREE', kind);
    try {
      return recorded(pair, kemOf(pair.publicKey), wrapPrivateKey(engine, kek, 'AGREE', pair, keyring));
    } finally {
      pair.privateKey.dispose();
    }
  }
  const pair = generateKeypair(engine, 'SIGN', kind);
  try {
    return recorded(pair, algorithmOf(pair.publicKey), wrapPrivateKey(engine, kek, 'SIGN', pair, keyring));
  } finally {
    pair.privateKey.dispose();
  }
}

const entered =
  (kid: Id, record: KeypairRecord, label: string): Change =>
  ({ body, private: { labels } }) => {
    if (body.keypairs.size >= MOST_KEYS) throw tooMany();
    return {
      body: { keypairs: new Map(body.keypairs).set(kid, record) },
      ...(label === '' ? {} : { private: { labels: new Map(labels).set(kid, label) } }),
      events: [{ event: 'key create', subject: kid }],
    };
  };
