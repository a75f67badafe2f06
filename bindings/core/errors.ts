// The one error class. The codes are a closed list (api.d.ts); messages say what to do and never hold a secret.

export type ErrorCode =
  | 'ERR_ARGUMENT' // asked wrongly
  | 'ERR_FORMAT' // not ours, or altered beyond reading
  | 'ERR_UNSUPPORTED' // newer, or of another kind
  | 'ERR_LIMIT' // too much
  | 'ERR_AUTHENTICATION' // wrong key, wrong context or altered bytes: never which
  | 'ERR_WRONG_SECRET' // a slot's commitment says so, before any tag is looked at
  | 'ERR_KEY_STATE'
  | 'ERR_KEY_NOT_FOUND'
  | 'ERR_UNTRUSTED_KEY'
  | 'ERR_CONFLICT'
  | 'ERR_ROLLBACK'
  | 'ERR_NOT_FOUND'
  | 'ERR_EXISTS'
  | 'ERR_STORE' // the disk, database or file failed (`cause`)
  | 'ERR_ABORTED'
  | 'ERR_NO_ENTROPY'
  | 'ERR_DISPOSED'
  | 'ERR_WORKER';

/** Every error this package throws on purpose. Tell them apart by `code`: it is stable, the message is not. */
export class KeystrataError extends Error {
  readonly code: ErrorCode;

  constructor(code: ErrorCode, message: string, options?: { cause?: unknown }) {
    super(message, options);
    this.name = new.target.name;
    this.code = code;
  }

  /** By code and not by class, so that it holds across bundles and realms. */
  static is(value: unknown, code?: ErrorCode): value is KeystrataError {
    if (!(value instanceof Error) || !('code' in value)) return false;
    return code === undefined ? String(value.code).startsWith('ERR_') && 'name' in value : value.code === code;
  }
}

/** ERR_AUTHENTICATION: wrong key, wrong context or altered bytes; nobody can tell which. */
export class AuthenticationError extends KeystrataError {
  constructor(message = 'cannot be opened: wrong key, wrong context, or altered bytes', options?: { cause?: unknown }) {
    super('ERR_AUTHENTICATION', message, options);
  }
}

/** ERR_WRONG_SECRET: before the document's MAC is verified, a wrong secret and an altered slot look the same. */
export class WrongSecretError extends KeystrataError {
  constructor(message = 'wrong secret, or this slot was altered', options?: { cause?: unknown }) {
    super('ERR_WRONG_SECRET', message, options);
  }
}

/** ERR_CONFLICT: somebody else changed it first. */
export class ConflictError extends KeystrataError {
  constructor(message: string, options?: { cause?: unknown }) {
    super('ERR_CONFLICT', message, options);
  }
}
