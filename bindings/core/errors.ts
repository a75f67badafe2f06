// The one error class. The codes are a closed list (api.d.ts); messages say what to do and never hold a secret.

const CODES = [
  'ERR_ARGUMENT', // asked wrongly
  'ERR_FORMAT', // not ours, or altered beyond reading
  'ERR_UNSUPPORTED', // newer, or of another kind
  'ERR_LIMIT', // too much
  'ERR_AUTHENTICATION', // wrong key, wrong context or altered bytes: never which
  'ERR_WRONG_SECRET', // a slot's commitment says so, before any tag is looked at
  'ERR_KEY_STATE',
  'ERR_KEY_NOT_FOUND',
  'ERR_UNTRUSTED_KEY',
  'ERR_CONFLICT',
  'ERR_ROLLBACK',
  'ERR_NOT_FOUND',
  'ERR_EXISTS',
  'ERR_STORE', // the disk, database or file failed (`cause`)
  'ERR_ABORTED',
  'ERR_NO_ENTROPY',
  'ERR_DISPOSED',
  'ERR_WORKER',
] as const;
export type ErrorCode = (typeof CODES)[number];

/** Every error this package throws on purpose. Tell them apart by `code`: it is stable, the message is not. */
export class KeystrataError extends Error {
  readonly code: ErrorCode;

  constructor(code: ErrorCode, message: string, options?: { cause?: unknown }) {
    super(message, options);
    this.name = new.target.name;
    this.code = code;
  }

  /** By code and not by class, so that it holds across bundles and realms. Node's own ERR_… codes are not ours. */
  static is(value: unknown, code?: ErrorCode): value is KeystrataError {
    if (typeof value !== 'object' || value === null || !('code' in value) || !('message' in value)) return false;
    return code === undefined ? CODES.includes(value.code as ErrorCode) : value.code === code;
  }
}

/** ERR_AUTHENTICATION. */
export class AuthenticationError extends KeystrataError {}

/** ERR_WRONG_SECRET. */
export class WrongSecretError extends KeystrataError {}

/** ERR_CONFLICT. */
export class ConflictError extends KeystrataError {}

/** Wrong key, wrong context or altered bytes; nobody can tell which. */
export const authenticationError = (
  message = 'cannot be opened: wrong key, wrong context, or altered bytes',
  cause?: unknown,
): AuthenticationError =>
  new AuthenticationError('ERR_AUTHENTICATION', message, cause === undefined ? undefined : { cause });

/** Before the document's MAC is verified, a wrong secret and an altered slot look the same. */
export const wrongSecretError = (message = 'wrong secret, or this slot was altered'): WrongSecretError =>
  new WrongSecretError('ERR_WRONG_SECRET', message);

/** Somebody else changed it first. */
export const conflictError = (message: string): ConflictError => new ConflictError('ERR_CONFLICT', message);
