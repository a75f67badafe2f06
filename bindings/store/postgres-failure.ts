// What PostgreSQL says when it refuses, by SQLSTATE (PostgreSQL, appendix A): what may be asked again, and what a person must do.

import { KeystrataError } from '../core/errors.ts';

const REASONS: readonly (readonly [code: RegExp, reason: string])[] = [
  [/^28/, 'it does not let this user in; check the name and the password'],
  [/^3D000$/, 'there is no such database; create it, or check its name'],
  [/^3F000$/, 'there is no such schema; create it, or check the name of the table'],
  [/^42501$/, 'this user may not do that; grant it the right, or run it once as one who may'],
  [/^42P01$/, 'the table is not there any more; restore it'],
  [/^25006$/, 'the database is read-only, say a replica; connect to the one that takes writes'],
  [/^53100$/, 'its disk is full; free some space and do it again'],
  [/^53300$/, 'it has too many connections; share one pool, or raise max_connections'],
  [/^5[37]/, 'it has no resources, or is being stopped or started; do it again when it is up'],
  [/^(08|ECONN|EPIPE|ETIMEDOUT|EHOST|ENET|ENOTFOUND|EAI_)/, 'it cannot be reached; check address and network'],
];

/** The SQLSTATE, or the code of the system; empty where there is neither. */
export function codeOf(cause: unknown): string {
  const code = cause instanceof Error && 'code' in cause ? cause.code : undefined;
  return typeof code === 'string' ? code : '';
}

/** The database did nothing, and says that the same may be asked again: it lost against another transaction. */
export const isCollision = (cause: unknown): boolean => /^(40001|40P01)$/.test(codeOf(cause));

/**
 * The connection ended, so nobody knows whether it was done. 40003 is CockroachDB's name for that; pg gives no code where
 * the server's end of the connection is closed.
 */
export const isLost = (cause: unknown): boolean =>
  /^(08|40003|57P0[123]|ECONN|EPIPE|ETIMEDOUT)/.test(codeOf(cause)) ||
  (cause instanceof Error &&
    codeOf(cause) === '' &&
    /^(Connection terminated|Client has encountered)/.test(cause.message));

/** ERR_STORE with its cause and what to do; `what` says what was being done. An error of ours stays as it is. */
export function databaseError(cause: unknown, what: string): KeystrataError {
  if (cause instanceof KeystrataError) return cause;
  const code = codeOf(cause);
  const known = REASONS.find(([pattern]) => pattern.test(code))?.[1];
  const said = cause instanceof Error ? cause.message : 'it failed';
  const reason = known === undefined ? said : `${known} (${said})`;
  return new KeystrataError('ERR_STORE', `${what}: ${reason}`, { cause });
}
