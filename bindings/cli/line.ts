// A secret on one line of a file descriptor, taken byte by byte: what follows the line stays there for whoever reads next.
// Secret: the bytes read. They lie in memory that keeps still; the caller wipes them.

import { fstatSync, read } from 'node:fs';
import { promisify } from 'node:util';
import { still, type Out } from '../core/bytes.ts';
import { KeystrataError } from '../core/errors.ts';
import { storeError, systemCode } from '../store/failure.ts';
import { isEnded, takeBytes } from './pipe.ts';

const readFrom = promisify(read);

/** FORMATS §12. */
const LONGEST = 1024;
const LF = 10;
const CR = 13;

/** One line without its ending (LF, CR LF or the end of the stream). ERR_ARGUMENT where there is none, ERR_LIMIT over 1,024 bytes. */
export async function readLine(fd: number, what: string): Promise<Out> {
  const room = still(LONGEST + 2); // and its CR LF
  const one = still(1);
  let length = 0;
  const take = (): boolean => {
    if (one[0] === LF) return false;
    room[length++] = one[0]!;
    return length < room.length;
  };
  try {
    if (!(await takeFrom(fd, one, take, what)) && length === 0)
      throw new KeystrataError('ERR_ARGUMENT', `${what}: a line is wanted on file descriptor ${fd}, and nothing came`);
    if (length > 0 && length < room.length && room[length - 1] === CR) length--;
    if (length > LONGEST) throw new KeystrataError('ERR_LIMIT', `${what}: more than ${LONGEST} bytes`);
    const line = still(length);
    line.set(room.subarray(0, length));
    return line;
  } finally {
    room.fill(0);
    one.fill(0);
  }
}

/** Bytes, one after the other into `one`, until `take` has enough. False at the end of the stream. */
async function takeFrom(fd: number, one: Out, take: () => boolean, what: string): Promise<boolean> {
  if (isEnded(fd)) return false; // a line without an ending came before, and the descriptor is closed
  try {
    const stats = fstatSync(fd);
    if (stats.isFIFO() || stats.isSocket()) return await takeBytes(fd, one, take);
    do if ((await readFrom(fd, one, 0, 1, null)).bytesRead === 0) return false;
    while (take());
    return true;
  } catch (error) {
    throw storeError(error, `${what}: reading file descriptor ${fd}`);
  }
}

/** ERR_ARGUMENT where a descriptor is not open for us: better than to wait for a line that cannot come. */
export function checkDescriptor(fd: number, option: string): void {
  try {
    const stat = fstatSync(fd);
    if (stat.isFile() || stat.isFIFO() || stat.isSocket() || stat.isCharacterDevice()) return;
  } catch (error) {
    if (systemCode(error) !== 'EBADF') throw storeError(error, `${option}, descriptor ${fd}`);
  }
  throw new KeystrataError(
    'ERR_ARGUMENT',
    `${option}: nothing readable is open at descriptor ${fd}; write, for example, ${fd}<FILE behind the command`,
  );
}
