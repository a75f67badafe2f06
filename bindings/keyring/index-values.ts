// Indexes: what an encrypted value is found by, where only equality is asked for. FORMATS §6.
//
//   INSERT … (email, email_index) VALUES (encrypt(x), index(x))          SELECT … WHERE email_index = index(y)
//
// An index reveals to whoever sees it which rows have equal values in a field, and so how often each occurs; with the index
// key, what is guessed can be tested. Nothing more: not order, not likeness, not the value.

import { asBytes, asInteger, concat, utf8, type Bytes, type Out } from '../core/bytes.ts';
import { KeystrataError } from '../core/errors.ts';
import type { KeyId } from '../engine/key.ts';
import { indexOf } from '../keys/index-key.ts';
import { asName, asOptions } from './arguments.ts';
import { indexKeyHandle, indexVersions, type IndexVersion } from './index-keys.ts';
import { MOST_INDEXED } from './policy.ts';
import type { Session } from './session.ts';
import { checkState, permits } from './states.ts';
import type { IndexKeyName, IndexOptions } from './types.ts';

const MOST = 32; // bytes of HMAC-SHA256
const LEAST = 8; //  a shorter one says that other rows are equal, too, and soon

interface Asked {
  readonly field: string;
  readonly length: number;
}

function asAsked(p: { field: string; length?: number }): Asked {
  const { field, length = MOST } = asOptions(p, 'p');
  return { field: asName(field, 'field'), length: asInteger(length, 'length', LEAST, MOST) };
}

/** `choose` among the versions of the space; a space not known here may be in a newer document: the store is read once. */
async function indexes(
  session: Session,
  value: Bytes | string,
  space: string,
  asked: Asked,
  choose: (versions: readonly IndexVersion[]) => readonly IndexVersion[],
): Promise<Out[]> {
  const bytes = typeof value === 'string' ? utf8(value, 'value') : concat(asBytes(value, 'value'));
  try {
    if (bytes.length > MOST_INDEXED)
      throw new KeystrataError('ERR_LIMIT', `value: over ${MOST_INDEXED} bytes; index its SHA-256`);
    let chosen = choose(indexVersions(session.snapshot, space));
    if (chosen.length === 0) {
      await session.refresh();
      chosen = choose(indexVersions(session.snapshot, space));
    }
    const { engine, keyring } = session;
    return chosen.map((version) => {
      const { family } = version.record;
      const indexed = { keyring, family, field: asked.field, value: bytes };
      return indexOf(engine, indexKeyHandle(session, version), indexed, asked.length);
    });
  } finally {
    bytes.fill(0);
  }
}

const noIndexKey = (space: string, which: string): KeystrataError =>
  new KeystrataError(
    'ERR_KEY_NOT_FOUND',
    `space ${JSON.stringify(space)} has no ${which}: make an index key with createIndexKey({ space })`,
  );

/** Under the active version, or the one that is named. */
export async function index(session: Session, value: Bytes | string, p: IndexOptions): Promise<Out> {
  session.use();
  const asked = asAsked(p);
  const space = asName(p.space, 'space');
  const { version } = p;
  if (version !== undefined) asInteger(version, 'version', 1, Number.MAX_SAFE_INTEGER);
  const chosen = (one: IndexVersion): boolean =>
    version === undefined ? one.record.state === 'active' : one.record.version === version;
  const [found] = await session.run(() =>
    indexes(session, value, space, asked, (versions) => {
      const one = versions.find(chosen);
      if (one !== undefined) checkState(one.kid, one.record.state, 'decrypt');
      return one === undefined ? [] : [one];
    }),
  );
  if (found === undefined)
    throw noIndexKey(space, version === undefined ? 'active index key' : `index key of version ${version}`);
  return found;
}

/** Under every version that may still be used, the newest first. */
export async function everyIndex(
  session: Session,
  value: Bytes | string,
  p: Omit<IndexOptions, 'version'>,
): Promise<Out[]> {
  session.use();
  const asked = asAsked(p);
  const space = asName(p.space, 'space');
  const usable = ({ record }: IndexVersion): boolean => permits(record.state, 'decrypt');
  const found = await session.run(() => indexes(session, value, space, asked, (all) => all.filter(usable)));
  if (found.length === 0) throw noIndexKey(space, 'index key that may be used');
  return found;
}

/** An index key by name, no byte of which is in it. */
export const namedIndexKey = (session: Session, p: { id: KeyId; space: string; version: number }): IndexKeyName =>
  Object.freeze<IndexKeyName>({
    ...p,
    index: (value, { field, length }) => index(session, value, { space: p.space, version: p.version, field, length }),
  });
