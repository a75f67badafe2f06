// Which document may follow which. FORMATS §11: whoever holds the store can hand out an old or a foreign document, whose
// MAC is as true as ever; against what is remembered of the last one, that shows.

import { equal, type Bytes } from '../core/bytes.ts';
import { KeystrataError } from '../core/errors.ts';
import type { Header } from '../format/header.ts';
import type { Id } from '../format/ids.ts';
import type { Remembered } from './remembered.ts';

/** A document that was accepted, and `where` it is remembered: for a person to remove it. */
export type Known = Pick<Remembered, 'keyring' | 'revision' | 'hash' | 'pending'> & { readonly where: string };

const refusal = (why: string, { where }: { where?: string }): KeystrataError =>
  new KeystrataError(
    'ERR_ROLLBACK',
    `${why}: the store was put back, or somebody serves an old copy. Restore the newest copy. If this one was put back on purpose, remove what is remembered of the newer one${where === undefined ? '' : ` (${where})`}`,
  );

export const anotherKeyring = (known: { keyring: Id; where?: string }, id: Id): KeystrataError =>
  refusal(`another keyring (${id}) stands in place of ${known.keyring}`, known);

/** ERR_ROLLBACK where the document, whose MAC is verified, cannot come after the one known. */
export function checkSuccession(known: Known, header: Header, hash: Bytes): void {
  const { pending } = known;
  if (pending !== undefined && header.keyring === pending.keyring) {
    return checkSuccession({ ...pending, revision: 1, where: known.where }, header, hash);
  }
  if (header.keyring !== known.keyring) throw anotherKeyring(known, header.keyring);
  const newer = header.revision - known.revision;
  if (newer < 0) throw refusal(`revision ${header.revision} was read after revision ${known.revision}`, known);
  if (newer === 0 && !equal(hash, known.hash)) throw refusal(`two documents of revision ${header.revision}`, known);
  // Field 10 reaches 16 revisions back; entry 0 is the one just before.
  const ancestor = newer > 0 ? header.previous[newer - 1] : undefined;
  if (ancestor !== undefined && !equal(ancestor, known.hash))
    throw refusal(`revision ${header.revision} does not descend from the revision ${known.revision} known here`, known);
}
