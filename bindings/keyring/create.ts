// A new keyring: KEK, document key and body DEK are drawn, a slot or two wrap the KEK, and the document is put where nothing was.

import { KeystrataError } from '../core/errors.ts';
import type { Audit, Body } from '../format/body.ts';
import type { Header, Profile } from '../format/header.ts';
import { HASH_LENGTH, type Id } from '../format/ids.ts';
import type { DirectSlot } from '../format/slot.ts';
import type { Passphrase } from '../keys/passphrase.ts';
import { generateKek } from '../keys/kek.ts';
import { asIterations, checkLength, checkWhere } from './arguments.ts';
import { entered } from './audit-log.ts';
import { Bag } from './bag.ts';
import { compose, now, randomId, type Content } from './compose.ts';
import { DeviceMemory } from './device-memory.ts';
import { makeRoom } from './key-shelf.ts';
import { makeSlot } from './make-slot.ts';
import { makeBodyKey, makeDocumentKey } from './own-keys.ts';
import { DEFAULT_POLICY } from './policy.ts';
import { asWorking } from './progress.ts';
import { keyringExists, putNew } from './put-new.ts';
import { RecoverySecret } from './recovery-secret.ts';
import { Session } from './session.ts';
import { DEK_SHARE, FIRST_KEK_SHARE } from './shares.ts';
import type { SlotSecret } from './slot-secret.ts';
import { takeSecret } from './take-secret.ts';
import { telling } from './warnings.ts';
import type { Unlocked } from './snapshot.ts';
import type { CreateBy, CreateOptions } from './types.ts';

/** Secrets whose slots are added later: their salts and seals belong to a keyring that is there. */
const OTHERS = ['pin', 'prf', 'escrowKey'] as const;
/** Keys that the KEK wraps here: the document key and the body DEK, which seals once. */
const WRAPPED = 2;

/** ERR_EXISTS where the owner has one: seen before anything is derived, and again by the store when it is put. */
export const create = (p: CreateOptions): Promise<Created> => createBy(p, () => takeSecret(p.engine, p));

interface Created {
  session: Session;
  recoveryCode: string;
}

/** By a secret that is taken once the rest is checked, and disposed here. */
export async function createBy(p: CreateBy & { passphrase?: Passphrase }, take: () => SlotSecret): Promise<Created> {
  checkWhere(p);
  const { engine, store, owner, profile = 'default' } = p;
  const work = asWorking(p);
  const onWarning = telling(p);
  if (profile !== 'default' && profile !== 'regulated')
    throw new KeystrataError('ERR_ARGUMENT', 'profile: "default" or "regulated" is wanted');
  if (p.recovery !== undefined && typeof p.recovery !== 'boolean')
    throw new KeystrataError('ERR_ARGUMENT', 'recovery: true or false is wanted');
  const iterations = asIterations(p.iterations, p.allowWeak);
  if (p.passphrase !== undefined) checkLength(p.passphrase, p.minLength);
  if (OTHERS.some((field) => (p as unknown as Record<string, unknown>)[field] !== undefined))
    throw new KeystrataError(
      'ERR_ARGUMENT',
      'a keyring begins with a passphrase or an operatorKey: slots.add takes others',
    );
  if ('recoveryCode' in p && p.recoveryCode !== undefined)
    throw new KeystrataError('ERR_ARGUMENT', 'recoveryCode: one is made and returned here, none is taken');
  makeRoom(engine);
  const secret = take();
  const bag = new Bag();
  try {
    const memory = new DeviceMemory(p);
    await memory.recall();
    if ((await store.get(owner)) !== null) throw keyringExists(owner);
    const unlocked: Unlocked = { engine, keyring: randomId(engine), owner, kek: bag.put(generateKek(engine)) };
    const slot = await makeSlot(unlocked, secret, { id: randomId(engine), created: now(), iterations }, work);
    const recovery = p.recovery === false ? null : bag.put(RecoverySecret.draw(engine));
    const slots = recovery === null ? [slot] : [slot, await recoverySlot(unlocked, recovery)];
    const content = firstContent(unlocked, { slots, profile, device: memory.device });
    const { bytes, ...composed } = await compose(unlocked, content);
    await memory.announce(composed);
    const version = await putNew(p, bytes, () => memory.remember(composed));
    const session = new Session(unlocked, { store, memory, snapshot: { ...composed, version }, onWarning });
    session.shares.add(unlocked.kek.id, FIRST_KEK_SHARE - WRAPPED);
    session.shares.add(composed.body.bodyKey, DEK_SHARE - 1);
    const recoveryCode = recovery?.code() ?? '';
    recovery?.dispose();
    bag.release();
    return { session, recoveryCode };
  } finally {
    bag.dispose();
    secret.dispose();
  }
}

const recoverySlot = (unlocked: Unlocked, secret: RecoverySecret): Promise<DirectSlot> =>
  makeSlot(unlocked, secret, { id: randomId(unlocked.engine), created: now(), iterations: 0 }, {});

function firstContent(unlocked: Unlocked, p: { slots: readonly DirectSlot[]; profile: Profile; device: Id }): Content {
  const { keyring, owner, kek } = unlocked;
  const time = now();
  const header: Header = {
    keyring,
    owner,
    revision: 1,
    device: p.device,
    kek: kek.id,
    documentKey: makeDocumentKey(unlocked),
    slots: p.slots,
    profile: p.profile,
    time,
    previous: [],
  };
  const bodyDek = makeBodyKey(unlocked, { time, policy: DEFAULT_POLICY });
  const body: Body = {
    keys: new Map([[bodyDek.kid, bodyDek.record]]),
    bodyKey: bodyDek.kid,
    keypairs: new Map(),
    spaces: new Map(),
    reservations: new Map([
      [
        p.device,
        new Map([
          [kek.id, FIRST_KEK_SHARE],
          [bodyDek.kid, DEK_SHARE],
        ]),
      ],
    ]),
    oldKeks: new Map(),
    tombstones: new Map(),
    audit: firstAudit(unlocked, { time, device: p.device }),
    private: new Uint8Array(0), // compose seals it
    policy: DEFAULT_POLICY,
  };
  return { header, body, private: { labels: new Map(), slots: new Map(), contacts: new Map(), reasons: new Map() } };
}

const firstAudit = (unlocked: Unlocked, at: { time: number; device: Id }): Audit =>
  entered(
    unlocked,
    { audit: { dropped: 0, anchor: new Uint8Array(HASH_LENGTH), entries: [] }, reasons: new Map() },
    [{ event: 'create', subject: unlocked.keyring }],
    at,
  ).audit;
