// The keypairs of a keyring, found by kid; their private keys in the core for as long as one piece of work lasts.

import { KeystrataError } from '../core/errors.ts';
import type { KeypairRecord } from '../format/body.ts';
import type { Profile } from '../format/header.ts';
import type { Id } from '../format/ids.ts';
import { unwrapPrivateKey } from '../keys/keypair.ts';
import type { PrivateKey } from '../keys/roles.ts';
import { makeRoom } from './key-shelf.ts';
import type { Session } from './session.ts';
import { destroyed } from './states.ts';

/** use → the role of the private key. */
const ROLE = { agree: 'AGREE', sign: 'SIGN' } as const;
type Use = keyof typeof ROLE;

/** The regulated profile knows P-256 alone: ERR_UNSUPPORTED for the others. FORMATS §4, header field 8. */
export function checkProfile(profile: Profile, kind: string): void {
  if (profile === 'regulated' && kind !== 'P-256')
    throw new KeystrataError(
      'ERR_UNSUPPORTED',
      `this keyring has the regulated profile, which knows P-256 and ES256 alone, not ${kind}`,
    );
}

export const noKeypair = (kid: Id): KeystrataError =>
  new KeystrataError(
    'ERR_KEY_NOT_FOUND',
    `this keyring has no keypair ${kid}: it belongs to another keyring, or to a newer copy of this one`,
  );

/** A record of the newest known document; the store is read once where it is not there. ERR_KEY_NOT_FOUND. */
export async function findKeypair(session: Session, kid: Id): Promise<KeypairRecord> {
  if (!session.snapshot.body.keypairs.has(kid)) await session.refresh();
  const record = session.snapshot.body.keypairs.get(kid);
  if (record === undefined) throw noKeypair(kid);
  return record;
}

/** Lends the private key to `work`, and wipes it. ERR_ARGUMENT where the pair is for the other use; ERR_KEY_STATE where it is gone. */
export async function withPrivateKey<U extends Use, T>(
  session: Session,
  use: U,
  kid: Id,
  record: KeypairRecord,
  work: (key: PrivateKey<(typeof ROLE)[U]>) => T | Promise<T>,
): Promise<T> {
  const { engine, kek, keyring, snapshot } = session;
  if (record.use !== use)
    throw new KeystrataError(
      'ERR_ARGUMENT',
      `keypair ${kid} ${record.use === 'sign' ? 'signs, and opens' : 'agrees on keys, and signs'} nothing: make another one`,
    );
  checkProfile(snapshot.header.profile, record.publicKey.kind);
  if (record.wrapped === null) throw destroyed(kid);
  makeRoom(engine);
  const role: 'AGREE' | 'SIGN' = ROLE[use];
  const key = unwrapPrivateKey(engine, kek, role, record.wrapped, record.publicKey, keyring);
  session.hold(key);
  try {
    return await work(key as PrivateKey<(typeof ROLE)[U]>);
  } finally {
    session.release(key);
    key.dispose();
  }
}
