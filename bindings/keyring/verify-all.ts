// Everything that can be checked of a keyring by who has unlocked it: the newest document, every key that it wraps, the log.
//
// Unlocking itself has checked MAC, owner, succession and private part. Whether data opens, opening it says.

import { authenticationError } from '../core/errors.ts';
import type { Work } from '../engine/engine.ts';
import { checkAborted, pause } from '../engine/pause.ts';
import type { KeyRecord } from '../format/body.ts';
import type { Id } from '../format/ids.ts';
import { unwrapUnderKek } from '../keys/kek.ts';
import { unwrapPrivateKey } from '../keys/keypair.ts';
import { unwrapOldKek } from '../keys/old-kek.ts';
import { isWhole } from './audit-log.ts';
import { makeRoom } from './key-shelf.ts';
import { asWorking } from './progress.ts';
import type { Session } from './session.ts';

/** How many of each were seen to unwrap, or to be whole. */
export interface Verified {
  readonly revision: number;
  readonly slots: number;
  readonly keys: number;
  readonly keypairs: number;
  readonly oldKeks: number;
  readonly auditEntries: number;
}

const TURN = 250;
const ROLE_OF = { record: 'RECORD', body: 'BODY', index: 'INDEX', space: 'SPACE' } as const;

/** AuthenticationError names what does not unwrap, or says that the log is broken; errors as of refresh. */
export async function verifyAll(session: Session, p: Work): Promise<Verified> {
  const { signal, onProgress } = asWorking(p);
  await session.refresh();
  const { header, body } = session.snapshot;
  const { engine, kek, keyring } = session;
  const count = { keys: 0, keypairs: 0, oldKeks: 0 };
  const turn = async (): Promise<void> => {
    checkAborted(signal);
    session.use();
    if (count.keys % TURN !== 0) return;
    makeRoom(engine);
    onProgress?.(Math.min(count.keys / (body.keys.size + 1), 0.999));
    await pause();
    session.use();
  };
  for (const [kid, record] of body.keys) {
    await turn();
    unwrapped(session, kid, record);
    count.keys++;
  }
  for (const { use, wrapped, publicKey } of body.keypairs.values()) {
    await turn();
    if (wrapped !== null)
      unwrapPrivateKey(engine, kek, use === 'agree' ? 'AGREE' : 'SIGN', wrapped, publicKey, keyring).dispose();
    count.keypairs++;
  }
  for (const [kid, { wrapped }] of body.oldKeks) {
    await turn();
    unwrapOldKek(engine, kek, wrapped, { keyring, kid }).dispose();
    count.oldKeks++;
  }
  if (!isWhole(session, body.audit))
    throw authenticationError('the audit log has a gap, or an entry that was changed: find out who held the keyring');
  onProgress?.(1);
  return { revision: header.revision, slots: header.slots.length, ...count, auditEntries: body.audit.entries.length };
}

/** Granted keys lie under a space key; destroyed ones are gone. */
function unwrapped({ engine, kek, keyring }: Session, kid: Id, { type, wrapped }: KeyRecord): void {
  if (wrapped === null || type === 'granted') return;
  unwrapUnderKek(engine, kek, ROLE_OF[type], wrapped, { keyring, kid }).dispose();
}
