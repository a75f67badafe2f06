// What the operating system says when it refuses, in words for the person who must do something about it.

import { KeystrataError } from '../core/errors.ts';

const REASONS: Readonly<Record<string, string>> = {
  EACCES: 'permission denied; check who owns it and its mode',
  EPERM: 'the operating system does not permit it; check who owns it and its mode',
  ENOSPC: 'the disk is full; free some space and do it again',
  EDQUOT: 'the disk quota is used up; free some space and do it again',
  EFBIG: 'the file is larger than this filesystem or its limits allow',
  EROFS: 'the filesystem is read-only',
  EIO: 'the disk failed; check it, and make a copy of what can still be read',
  ENOENT: 'there is no such file or folder',
  ENOTDIR: 'a part of this path is a file, not a folder',
  EISDIR: 'it is a folder, not a file',
  ELOOP: 'its symbolic links go round in a circle',
  ENAMETOOLONG: 'the path is too long for this system',
  EMFILE: 'too many files are open in this process',
  ENFILE: 'too many files are open on this machine',
  EBUSY: 'something else holds it; close that and do it again',
  ETXTBSY: 'it is a program that is running',
};

/** The system's code, such as ENOSPC; empty where `cause` is no error of the system. */
export function systemCode(cause: unknown): string {
  const code = cause instanceof Error && 'code' in cause && 'syscall' in cause ? cause.code : undefined;
  return typeof code === 'string' ? code : '';
}

/** ERR_STORE with its cause and what to do; `what` says what was being done, and to which file. An error of ours stays as it is. */
export function storeError(cause: unknown, what: string): KeystrataError {
  if (cause instanceof KeystrataError) return cause;
  const reason = REASONS[systemCode(cause)] ?? (cause instanceof Error ? cause.message : 'it failed');
  return new KeystrataError('ERR_STORE', `${what}: ${reason}`, { cause });
}
