// Space → kid of its active record DEK, and of its newest version in whatever state. A space is the family whose label is its
// name. FORMATS §4.
//
// Found out when it is asked for: unlocking asks nothing, and most documents follow one that had the same keys. The first few
// questions are answered by looking through all keys for one space, a fifth of the work of finding out all spaces.

import type { Body } from '../format/body.ts';
import type { Id } from '../format/ids.ts';
import type { PrivatePart } from '../format/private-part.ts';

type Keys = Body['keys'];
type Labels = PrivatePart['labels'];
type BySpace = ReadonlyMap<string, Id>;

/** Questions about one space before all are found out. */
const FEW = 3;

export class ActiveKeys {
  readonly #keys: Keys;
  readonly #labels: Labels;
  #asked = 0;
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
    return this.#found || this.#asked++ === FEW ? this.all().get(space) : this.#look(space);
  }

  has(space: string): boolean {
    return this.get(space) !== undefined;
  }

  all(): BySpace {
    return (this.#found ??= this.#find()).active;
  }

  newest(): BySpace {
    return (this.#found ??= this.#find()).newest;
  }

  /** The newest active one of a space, which is mostly one family. */
  #look(space: string): Id | undefined {
    const families: Id[] = [];
    for (const [family, label] of this.#labels) if (label === space) families.push(family);
    if (families.length > 1) return this.all().get(space);
    let active: Id | undefined;
    for (const [kid, { type, state, family, version }] of this.#keys)
      if (family === families[0] && type === 'record' && state === 'active' && this.#isNewer(version, active))
        active = kid;
    return active;
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
