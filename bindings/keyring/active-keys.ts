// Space → kid of its active record DEK: the newest version, of the family whose label is the space's name. FORMATS §4.
//
// Found out at the first question: unlocking asks none, and most documents follow one that had the same keys.

import type { Body } from '../format/body.ts';
import type { Id } from '../format/ids.ts';
import type { PrivatePart } from '../format/private-part.ts';

type Keys = Body['keys'];
type Labels = PrivatePart['labels'];

export class ActiveKeys {
  readonly #keys: Keys;
  readonly #labels: Labels;
  #found: ReadonlyMap<string, Id> | null = null;

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

  all(): ReadonlyMap<string, Id> {
    return (this.#found ??= this.#find());
  }

  #find(): Map<string, Id> {
    const active = new Map<string, Id>();
    for (const [kid, record] of this.#keys) {
      if (record.type !== 'record' || record.state !== 'active') continue;
      const space = this.#labels.get(record.family);
      if (space === undefined) continue;
      const other = active.get(space);
      if (other === undefined || this.#keys.get(other)!.version < record.version) active.set(space, kid);
    }
    return active;
  }
}
