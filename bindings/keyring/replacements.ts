// After a compromise: who had the KEK had all that it protected. Every key there was opens old data alone, and says so; each that
// was in use has a successor. FORMATS §3 (KEK rotation); SP 800-57 Part 1 Rev. 5 §7.5.

import { KeystrataError } from '../core/errors.ts';
import { checkAborted, pause } from '../engine/pause.ts';
import type { Body, KeyRecord, KeypairRecord } from '../format/body.ts';
import type { Id } from '../format/ids.ts';
import type { KeyState } from '../format/states.ts';
import { generateIndexKey, generateRecordDek, unwrapUnderKek, wrapUnderKek } from '../keys/kek.ts';
import { generateKeypair, wrapPrivateKey, type Keypair } from '../keys/keypair.ts';
import type { PairRole } from '../keys/roles.ts';
import { makeRoom } from './key-shelf.ts';
import { MOST_KEYS } from './policy.ts';
import type { Working } from './progress.ts';
import { REASON } from './reasons.ts';
import type { Unlocked } from './snapshot.ts';
import { moved } from './transitions.ts';

interface Fresh {
  readonly kid: Id;
  readonly wrapped: Uint8Array;
}

/** Keys drawn between two turns of the event loop. */
const TURN = 250;

const ENDED: readonly KeyState[] = ['compromised', 'destroyed'];

/** Successors of one rotation, under the next KEK: drawn once, however often the change is applied. */
export class Replacements {
  readonly #next: Unlocked;
  readonly #keys = new Map<Id, Fresh>();
  readonly #pairs = new Map<Id, [Id, KeypairRecord]>();

  constructor(next: Unlocked) {
    this.#next = next;
  }

  /** Units of the next KEK that were spent. */
  get made(): number {
    return this.#keys.size + this.#pairs.size;
  }

  /** ERR_UNSUPPORTED before any work. */
  static check({ keys }: Body): void {
    for (const [kid, { type }] of keys)
      if (type === 'space')
        throw new KeystrataError(
          'ERR_UNSUPPORTED',
          `this version replaces no keys of shared spaces, as after a compromise it must (${kid}): leave the spaces first, or update keystrata`,
        );
  }

  /** All that the body's keys need, at leisure. */
  async prepare({ keys }: Body, { signal, onProgress }: Working): Promise<void> {
    let done = 0;
    for (const [kid, record] of keys) {
      if (done++ % TURN === TURN - 1) {
        await pause();
        onProgress?.(done / keys.size);
      }
      checkAborted(signal);
      this.key(kid, record);
    }
    onProgress?.(1);
  }

  /** The successor of a key that is active: null for others. */
  key(kid: Id, { type, state }: KeyRecord): Fresh | null {
    if (state !== 'active' || (type !== 'record' && type !== 'index')) return null;
    let fresh = this.#keys.get(kid);
    if (fresh === undefined) this.#keys.set(kid, (fresh = this.#draw(type)));
    return fresh;
  }

  #draw(type: 'record' | 'index'): Fresh {
    const { engine, kek, keyring } = this.#next;
    if (this.made % TURN === 0) makeRoom(engine);
    const seen = (fresh: Fresh): Fresh => {
      unwrapUnderKek(engine, kek, type === 'record' ? 'RECORD' : 'INDEX', fresh.wrapped, {
        keyring,
        kid: fresh.kid,
      }).dispose();
      return fresh;
    };
    if (type === 'record') {
      const dek = generateRecordDek(engine);
      try {
        return seen({ kid: dek.id, wrapped: wrapUnderKek(engine, kek, 'RECORD', dek, keyring) });
      } finally {
        dek.dispose();
      }
    }
    const key = generateIndexKey(engine);
    try {
      return seen({ kid: key.id, wrapped: wrapUnderKek(engine, kek, 'INDEX', key, keyring) });
    } finally {
      key.dispose();
    }
  }

  /** With all that were there compromised, and a successor of each that was active. */
  keys(keys: Map<Id, KeyRecord>, { time, policy }: { time: number; policy: Body['policy'] }): Map<Id, KeyRecord> {
    const versions = new Map<Id, number>();
    for (const { family, version } of keys.values()) versions.set(family, Math.max(versions.get(family) ?? 0, version));
    const next = new Map<Id, KeyRecord>();
    const successors: [Id, KeyRecord][] = [];
    for (const [kid, record] of keys) {
      next.set(kid, record.type === 'body' ? record : compromised(kid, record, time));
      const fresh = this.key(kid, record);
      if (fresh === null) continue;
      successors.push([
        fresh.kid,
        {
          ...record,
          version: versions.get(record.family)! + 1,
          created: time,
          transitions: [],
          wrapped: fresh.wrapped,
          originatorEnd: time + policy.originator,
          recipientEnd: time + policy.recipient,
        },
      ]);
    }
    if (next.size + successors.length > MOST_KEYS)
      throw new KeystrataError('ERR_LIMIT', `with their successors there would be more than ${MOST_KEYS} keys`);
    for (const [kid, record] of successors) next.set(kid, record);
    return next;
  }

  keypairs(pairs: Map<Id, KeypairRecord>, time: number): Map<Id, KeypairRecord> {
    const next = new Map<Id, KeypairRecord>();
    for (const [kid, pair] of pairs) {
      next.set(kid, compromised(kid, pair, time));
      if (pair.state !== 'active') continue;
      let successor = this.#pairs.get(kid);
      if (successor === undefined) this.#pairs.set(kid, (successor = this.#drawPair(pair, time)));
      next.set(...successor);
    }
    return next;
  }

  /** Of the same use and algorithm. */
  #drawPair(pair: KeypairRecord, created: number): [Id, KeypairRecord] {
    const { engine } = this.#next;
    makeRoom(engine);
    const { kind } = pair.publicKey;
    const fresh =
      pair.use === 'sign'
        ? generateKeypair(engine, 'SIGN', kind as Parameters<typeof generateKeypair<'SIGN'>>[2])
        : generateKeypair(engine, 'AGREE', kind as Parameters<typeof generateKeypair<'AGREE'>>[2]);
    const { publicKey, privateKey } = fresh;
    try {
      const wrapped = this.#wrapPair(fresh, pair.use);
      return [privateKey.id, { ...pair, publicKey, wrapped, created, transitions: [] }];
    } finally {
      privateKey.dispose();
    }
  }

  #wrapPair(pair: Keypair<PairRole>, use: KeypairRecord['use']): Uint8Array {
    const { engine, kek, keyring } = this.#next;
    return use === 'sign'
      ? wrapPrivateKey(engine, kek, 'SIGN', pair as Keypair<'SIGN'>, keyring)
      : wrapPrivateKey(engine, kek, 'AGREE', pair as Keypair<'AGREE'>, keyring);
  }
}

function compromised<R extends KeyRecord | KeypairRecord>(kid: Id, record: R, time: number): R {
  return ENDED.includes(record.state)
    ? record
    : moved(kid, record, 'compromised', { time, reason: REASON.keyCompromise });
}
