// Which document may follow which. FORMATS §11: whoever holds the store can hand out an old or a foreign document, whose
// MAC is as true as ever; against what is remembered of the last one, that shows.

import { equal, type Bytes } from '../core/bytes.ts';
import { KeystrataError } from '../core/errors.ts';
import type { Header } from '../format/header.ts';
import type { Id } from '../format/ids.ts';

/** What is remembered of the document last accepted or written. */
export interface Remembered {
  readonly keyring: Id;
  readonly revision: number;
  /** H(document). */
  readonly hash: Bytes;
}

const refusal = (why: string): KeystrataError =>
  new KeystrataError(
    'ERR_ROLLBACK',
    `${why}: the store was put back, or somebody serves an old copy. Restore the newest copy, or ask who runs the store`,
  );

export const anotherKeyring = (id: Id): KeystrataError =>
  refusal(`another keyring (${id}) stands in place of this one`);

/** ERR_ROLLBACK where the document, whose MAC is verified, cannot come after the one remembered. */
export function checkSuccession(before: Remembered, header: Header, hash: Bytes): void {
  if (header.keyring !== before.keyring) throw anotherKeyring(header.keyring);
  const newer = header.revision - before.revision;
  if (newer < 0) throw refusal(`revision ${header.revision} was read after revision ${before.revision}`);
  if (newer === 0 && !equal(hash, before.hash)) throw refusal(`two documents of revision ${header.revision}`);
  // Field 10 reaches 16 revisions back; entry 0 is the one just before.
  const ancestor = newer > 0 ? header.previous[newer - 1] : undefined;
  if (ancestor !== undefined && !equal(ancestor, before.hash))
    throw refusal(`revision ${header.revision} does not descend from the revision ${before.revision} known here`);
}
