// Shares: what this session may still do under a key, reserved by a write before it is used. FORMATS §10. What is left at
// the end, or in a crash, is lost: no device can use it twice.
//
//   take ── enough is left ──► done, at once
//     └──── else ──► wait for the reservation that is next, which all who wait until its turn share ──► take
//
// A store that cannot be written lets sessions open, and seal until their shares are spent.

import { KeystrataError, conflictError } from '../core/errors.ts';
import type { Body } from '../format/body.ts';
import type { Id } from '../format/ids.ts';
import type { Kek } from '../keys/roles.ts';
import { isEntered, type Event } from './audit-log.ts';
import { apply, type Change } from './change.ts';
import { MOST_AGAIN } from './policy.ts';
import { grantable, reserved, unitsOf } from './reservations.ts';
import type { Session } from './session.ts';

/** Of a DEK at a time, if no more is needed. */
export const DEK_SHARE = 2 ** 16;
/** Of the KEK: the first of a session; each is twice the one before, up to the last. */
export const FIRST_KEK_SHARE = 2 ** 10;
const LAST_KEK_SHARE = 2 ** 20;

/** A reservation that has not been written yet, and what keys it will be of. */
interface Next {
  readonly needs: Map<Id, number>;
  readonly granted: Promise<ReadonlyMap<Id, number>>;
}

export class Shares {
  readonly #session: Session;
  readonly #left = new Map<Id, number>();
  #kekShare = FIRST_KEK_SHARE;
  #next: Next | null = null;

  constructor(session: Session) {
    this.#session = session;
  }

  /** What a write of this session has reserved. */
  add(kid: Id, units: number): void {
    this.#left.set(kid, (this.#left.get(kid) ?? 0) + units);
    if (kid === this.#session.kek.id) this.#kekShare = Math.min(2 * this.#kekShare, LAST_KEK_SHARE);
  }

  /** False where so much is not left: `reserve`, and try again. */
  spend(kid: Id, units: number): boolean {
    const left = (this.#left.get(kid) ?? 0) - units;
    if (left < 0) return false;
    this.#left.set(kid, left);
    return true;
  }

  async take(kid: Id, units: number): Promise<void> {
    while (!this.spend(kid, units)) await this.reserve(kid, units);
  }

  /**
   * `use` of the KEK, for a unit of it. It may be replaced while this waits for that: whichever is the session's then, and used at
   * once, since a turn of the microtask queue later it may be another one, and this one wiped.
   */
  async withKek<T>(use: (kek: Kek) => T): Promise<Awaited<T>> {
    for (;;) {
      const { kek } = this.#session;
      if (this.spend(kek.id, 1)) return await use(kek);
      await this.reserve(kek.id, 1);
      this.#session.use();
    }
  }

  /** For a change of the private part, which grows by so many bytes: the body DEK seals it, again for each race that is lost. */
  takeForPrivate(more: number): Promise<void> {
    const { bodyKey, private: sealed } = this.#session.snapshot.body;
    return this.take(bodyKey, (MOST_AGAIN + 1) * unitsOf(sealed.length + more));
  }

  /** One write for all calls that wait. ERR_LIMIT where the key has nothing left; what the store throws. */
  async reserve(kid: Id, units: number): Promise<void> {
    const { needs, granted } = (this.#next ??= this.#begin());
    needs.set(kid, (needs.get(kid) ?? 0) + units);
    if (!(await granted).has(kid)) throw this.#refusal(kid);
  }

  /** ConflictError where the key was replaced while somebody waited for its share; else it has nothing left. */
  #refusal(kid: Id): KeystrataError {
    const { kek, snapshot } = this.#session;
    if (kid === kek.id || snapshot.body.keys.get(kid)?.state === 'active') return spent(kid);
    return conflictError(`key ${kid} was replaced meanwhile: nothing was written, do it again`);
  }

  #begin(): Next {
    const needs = new Map<Id, number>();
    return { needs, granted: this.#write(needs) };
  }

  async #write(needs: ReadonlyMap<Id, number>): Promise<ReadonlyMap<Id, number>> {
    const session = this.#session;
    let granted: ReadonlyMap<Id, number> = new Map();
    let refusedAll = false;
    const close = (): void => void (this.#next?.needs === needs && (this.#next = null));
    try {
      const change: Change = ({ body }) => {
        close(); // who comes from here on waits for another one
        granted = grantable(body, this.#wanted(needs));
        const refused = [...needs.keys()].filter((kid) => !granted.has(kid));
        refusedAll = granted.size === 0;
        const events = refusals(body, refused);
        if (granted.size === 0 && events.length === 0) throw this.#refusal(refused[0]!);
        return { body: { reservations: reserved(body, session.device, granted) }, events };
      };
      // Two sessions of a device may write the same bytes, of which one share comes.
      await apply(session, change, { repeatable: true });
    } catch (error) {
      if (!refusedAll || session.locked) throw error; // a refusal is one, also where it cannot be entered in the log
    } finally {
      close();
    }
    for (const [kid, units] of granted) this.add(kid, units);
    return granted;
  }

  #wanted(needs: ReadonlyMap<Id, number>): Map<Id, number> {
    const least = (kid: Id): number => (kid === this.#session.kek.id ? this.#kekShare : DEK_SHARE);
    return new Map([...needs].map(([kid, need]) => [kid, Math.max(least(kid), need)]));
  }
}

/** Told once: who asks again and again does not push other things out of the log. */
const refusals = ({ audit }: Body, kids: readonly Id[]): Event[] =>
  kids.map((subject): Event => ({ event: 'reservation refused', subject })).filter((event) => !isEntered(audit, event));

const spent = (kid: Id): KeystrataError =>
  new KeystrataError(
    'ERR_LIMIT',
    `key ${kid} has been used as often as is safe (SP 800-38D §8.3), on all devices together: make its space a new key with createDataKey, what the old one sealed still opens; where it is the KEK, make a new keyring`,
  );
