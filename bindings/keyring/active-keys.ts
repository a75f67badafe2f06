// Space → kid of its active record DEK, and of its newest version in whatever state. A space is the family whose label is its
// name. FORMATS §4.
//
// Found out at the first question: unlocking asks none, and most documents follow one that had the same keys.

import type { Body } from '../format/body.ts';
import type { Id } from '../format/ids.ts';
import type { PrivatePart } from '../format/private-part.ts';

type Keys = Body['keys'];
type Labels = PrivatePart['labels'];
type BySpace = ReadonlyMap<string, Id>;

export class ActiveKeys {
  readonly #keys: Keys;
  readonly #labels: Labels;
  #found: { readonly active: BySpace; readonly newest: BySpace } | null = null;

  constructor(keys: Keys, labels: Labels) {
    this.#keys = keys;
    this.#labels = labels;
  }

  /** Those of the next document: the same where keys and labels are. */
  next(keys: Keys, labels: Labels): ActiveKeys {
    return keys === this.#keys && labels === this.#labels ? this : new ActiveKeys(keys, labels);
  }

  /** Undefined where the space has none. */
  get(space: string): Id | undefined {
    return this.all().get(space);
  }

  has(space: string): boolean {
    return this.all().has(space);
  }

  all(): BySpace {
    return (this.#found ??= this.#find()).active;
  }

  newest(): BySpace {
    return (this.#found ??= this.#find()).newest;
  }

  #find(): { active: BySpace; newest: BySpace } {
    const active = new Map<string, Id>();
    const newest = new Map<string, Id>();
    for (const [kid, record] of this.#keys) {
      if (record.type !== 'record') continue;
      const space = this.#labels.get(record.family);
      if (space === undefined) continue;
      if (this.#isNewer(record.version, newest.get(space))) newest.set(space, kid);
      if (record.state === 'active' && this.#isNewer(record.version, active.get(space))) active.set(space, kid);
    }
    return { active, newest };
  }

  #isNewer(version: number, than: Id | undefined): boolean {
    return than === undefined || this.#keys.get(than)!.version < version;
  }
}
