// Another KEK. It cannot destroy a vault: FORMATS §3 (KEK rotation), DESIGN §4.
//
//   inventory complete ─► slots opened, keys unwrapped ─► all wrapped anew ─► each seen to unwrap, the document seen to open
//   ─► switched in one compare-and-swap ─► the old KEK stays, under the new one: it opens envelopes and streams, nothing else
//
// Whatever is missing is said before any work; whatever fails leaves the old document. After a compromise the keys have
// successors too: who had the KEK had them all. Copies of the document from before still open with the secrets of then.

import { KeystrataError, conflictError } from '../core/errors.ts';
import type { Work } from '../engine/engine.ts';
import type { KeyId } from '../engine/key.ts';
import type { Body } from '../format/body.ts';
import type { Id } from '../format/ids.ts';
import type { EscrowSlot, RotatableSlot, Slot } from '../format/slot.ts';
import { generateKek } from '../keys/kek.ts';
import { asId, asOptions } from './arguments.ts';
import { Bag } from './bag.ts';
import { apply, type Difference } from './change.ts';
import { now, type Composed } from './compose.ts';
import { makeRoom } from './key-shelf.ts';
import { forget, type Made } from './make-slot.ts';
import { makeBodyKey, makeDocumentKey, OWN_KEYS } from './own-keys.ts';
import { MOST_AGAIN } from './policy.ts';
import { asWorking, Progress } from './progress.ts';
import { costOf, remakeSlots, type Remade } from './remade-slots.ts';
import { resealEscrow, resealSlot } from './reseal-slot.ts';
import { Replacements } from './replacements.ts';
import { reserved, unitsOf } from './reservations.ts';
import { Rewrapping } from './rotation-keys.ts';
import { planSlots, switched, type Ways } from './rotation-slots.ts';
import type { Session } from './session.ts';
import { DEK_SHARE, FIRST_KEK_SHARE } from './shares.ts';
import { withSigner } from './signer.ts';
import { parse, verify, wipePrivate, type Snapshot, type Unlocked } from './snapshot.ts';
import { takeSecret } from './take-secret.ts';
import { moved } from './transitions.ts';
import type { Secret } from './types.ts';

export type RotationReason = 'scheduled' | 'compromised';

export interface RotateOptions extends Work {
  /** "compromised" replaces what the KEK protected, too: "scheduled" by default. */
  reason?: RotationReason;
  /**
   * Of the direct slots: each whose secret is not here must be in `dropSlots`. After a compromise of the rotatable slots, too: one
   * whose secret is here is made anew, another one is flagged `enrolAgain`.
   */
  secrets?: Secret[];
  /** Slots that open nothing any more. */
  dropSlots?: KeyId[];
}

/** What wrapping a key anew takes, in iterations of PBKDF2: for progress alone. */
const COST_OF_KEY = 150;

/**
 * ERR_ARGUMENT names the slots whose secret is missing, before any work; ERR_NOT_FOUND; WrongSecretError where no secret opens a
 * direct slot, or after a compromise one that may be a rotatable slot's opens nothing; AuthenticationError where a wrapped key was
 * altered; ConflictError where another process, or another call, changed a slot or the KEK meanwhile.
 */
export async function rotateKek(session: Session, p: RotateOptions = {}): Promise<void> {
  const bag = session.hold(new Bag());
  try {
    await rotate(session, p, bag, given(session, p, bag));
  } finally {
    session.release(bag);
    bag.dispose();
  }
}

/** Takes the secrets into the core. */
export function given(session: Session, p: RotateOptions, bag: Bag): Ways {
  const { secrets = [], dropSlots = [] } = asOptions(p, 'p');
  const wanted = (what: string): KeystrataError => new KeystrataError('ERR_ARGUMENT', what);
  if (!Array.isArray(secrets)) throw wanted('secrets: a list is wanted: [{ passphrase }, { recoveryCode }, …]');
  if (!Array.isArray(dropSlots)) throw wanted('dropSlots: a list of slot ids is wanted');
  const drop = new Set(dropSlots.map((id) => asId(id, 'dropSlots')));
  makeRoom(session.engine);
  return { secrets: secrets.map((secret) => bag.put(takeSecret(session.engine, secret))), drop };
}

/** With secrets that are in the core already; `bag` holds what is made, until the session takes the KEK over. */
export async function rotate(session: Session, p: RotateOptions, bag: Bag, ways: Ways): Promise<void> {
  const work = asWorking(p);
  const { reason = 'scheduled' } = p;
  if (reason !== 'scheduled' && reason !== 'compromised')
    throw new KeystrataError('ERR_ARGUMENT', 'reason: "scheduled" or "compromised" is wanted');
  await session.refresh();
  const { header, body } = session.snapshot;
  const compromised = reason === 'compromised';
  const tasks = planSlots(header, ways, compromised);
  if (compromised) Replacements.check(body);

  makeRoom(session.engine);
  const { engine, keyring, owner, kek } = session;
  const before: Unlocked = { engine, keyring, owner, kek }; // the session's may be another one meanwhile
  const stillKek = (): void => {
    session.use();
    if (session.kek !== kek) throw replaced();
  };
  const under: Unlocked = { engine, keyring, owner, kek: bag.put(generateKek(engine)) };
  const ofKeys = COST_OF_KEY * body.keys.size;
  const successors = compromised ? ofKeys : 0;
  const progress = new Progress(work, costOf(tasks) + ofKeys + successors);
  const keep = (made: Made): void => void bag.put({ dispose: () => forget(session, made) });
  const remaking = { before, next: under, slots: header.slots, tasks, exchange: ways.exchange, keep };
  const slots = await remakeSlots(remaking, progress.part(costOf(tasks)));
  const rewrapping = new Rewrapping(before, under.kek);
  await rewrapping.prepare(body, progress.part(ofKeys), stillKek);
  const replacements = new Replacements(under);
  if (compromised) await replacements.prepare(body, progress.part(successors));
  stillKek();
  const rotation = new Rotation(session, { under, reason, slots, drop: ways.drop, rewrapping, replacements });
  try {
    await apply(session, (current) => rotation.difference(current), {
      handover: { under, check: (next) => rotation.check(next) },
    });
  } finally {
    if (session.kek === under.kek) bag.release(under.kek); // the session's now, also where what was written is not remembered
  }
  rotation.addShares();
  progress.end();
}

const replaced = (): KeystrataError =>
  conflictError('another call replaced the key encryption key meanwhile: nothing was done, do it again');

interface Parts {
  readonly under: Unlocked;
  readonly reason: RotationReason;
  readonly slots: Remade;
  readonly drop: ReadonlySet<Id>;
  readonly rewrapping: Rewrapping;
  readonly replacements: Replacements;
}

/** One rotation: the difference it makes to whatever document is current. */
class Rotation {
  readonly #session: Session;
  readonly #parts: Parts;
  readonly #documentKey: ReturnType<typeof makeDocumentKey>;
  readonly #bodyKey: ReturnType<typeof makeBodyKey>;
  readonly #oldKek: Uint8Array;
  readonly #from: Id;
  #sealed = 0; // bytes of the private part

  constructor(session: Session, parts: Parts) {
    const { body } = session.snapshot;
    this.#session = session;
    this.#parts = parts;
    this.#from = session.kek.id;
    this.#documentKey = makeDocumentKey(parts.under);
    const before = body.keys.get(body.bodyKey);
    this.#bodyKey = makeBodyKey(parts.under, { time: now(), policy: body.policy, before });
    this.#oldKek = parts.rewrapping.oldKek(session.kek);
  }

  difference({ header, body, private: part }: Snapshot): Difference {
    const { reason, under, drop } = this.#parts;
    if (header.kek !== this.#from) throw replaced();
    const keys = this.#keys(body);
    const keypairs = this.#keypairs(body);
    const reseal = this.#resealer({ ...body, keypairs }, part.slots);
    const compromised = reason === 'compromised';
    const next = switched({ header, private: part }, this.#parts.slots, { drop, compromised, reseal });
    this.#sealed = body.private.length;
    return {
      header: { slots: next.slots, kek: under.kek.id, documentKey: this.#documentKey },
      body: {
        keys,
        keypairs,
        oldKeks: this.#oldKeks(body),
        bodyKey: this.#bodyKey.kid,
        reservations: reserved(body, this.#session.device, new Map([this.#kekShare(), this.#bodyShare()])),
      },
      private: { labels: next.labels, slots: next.sealings }, // sealed anew, under the new body DEK
      events: [{ event: 'rotate KEK', subject: this.#from, reason }, ...next.events],
    };
  }

  /** Seals the next KEK to the slots that need no secret. Escrows are signed with the signing key of the next document. */
  #resealer(body: Body, sealings: Snapshot['private']['slots']): (slot: RotatableSlot | EscrowSlot) => Slot {
    const { under } = this.#parts;
    return (slot) =>
      slot.mode === 'rotatable'
        ? resealSlot(under, slot, sealings.get(slot.id))
        : withSigner({ ...under, snapshot: { body } }, (signer) => resealEscrow(under, slot, signer));
  }

  #keys(body: Body): Body['keys'] {
    const time = now();
    const { reason, rewrapping, replacements } = this.#parts;
    let keys = new Map([...body.keys].map(([kid, record]) => [kid, rewrapping.key(kid, record)]));
    const before = keys.get(body.bodyKey);
    if (before !== undefined) keys.set(body.bodyKey, moved(body.bodyKey, before, 'destroyed', { time }));
    if (reason === 'compromised') keys = replacements.keys(keys, { time, policy: body.policy });
    return keys.set(this.#bodyKey.kid, this.#bodyKey.record);
  }

  #keypairs(body: Body): Body['keypairs'] {
    const { reason, rewrapping, replacements } = this.#parts;
    const pairs = rewrapping.keypairs(body.keypairs);
    return reason === 'compromised' ? replacements.keypairs(pairs, now()) : pairs;
  }

  /** Who had the KEK had those before it. */
  #oldKeks(body: Body): Body['oldKeks'] {
    const state = this.#parts.reason === 'compromised' ? 'compromised' : 'deactivated';
    const oldKeks = this.#parts.rewrapping.oldKeks(body.oldKeks);
    if (state === 'compromised')
      for (const [kid, old] of oldKeks) if (old.state !== 'destroyed') oldKeks.set(kid, { ...old, state });
    return oldKeks.set(this.#from, { wrapped: this.#oldKek, state, time: now() });
  }

  get #made(): number {
    return this.#parts.rewrapping.made + this.#parts.replacements.made + OWN_KEYS + 1; // and the old KEK
  }

  #kekShare(): [Id, number] {
    return [this.#parts.under.kek.id, this.#made + FIRST_KEK_SHARE];
  }

  #bodyShare(): [Id, number] {
    return [this.#bodyKey.kid, DEK_SHARE];
  }

  /** As a reader will: its MAC, its private part; every wrap was unwrapped as it was made. */
  async check(next: Composed): Promise<void> {
    const seen = await verify(this.#parts.under, parse({ bytes: next.bytes, version: '' }), null);
    wipePrivate(seen.private);
  }

  /** What the write has reserved, less what it has spent. */
  addShares(): void {
    const { shares } = this.#session;
    shares.add(this.#parts.under.kek.id, FIRST_KEK_SHARE);
    shares.add(this.#bodyKey.kid, DEK_SHARE - (MOST_AGAIN + 1) * unitsOf(this.#sealed));
  }
}
