// A secret on one line of a file descriptor, taken byte by byte: what follows the line stays there for whoever reads next.
// Secret: the bytes read. They lie in memory that keeps still; the caller wipes them.

import { fstatSync, read } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import { still, type Out } from '../core/bytes.ts';
import { KeystrataError } from '../core/errors.ts';
import { storeError, systemCode } from '../store/failure.ts';

const readFrom = promisify(read);

/** FORMATS §12. */
const LONGEST = 1024;
const LF = 10;
const CR = 13;

/** One line without its ending (LF, CR LF or the end of the stream). ERR_ARGUMENT where there is none, ERR_LIMIT over 1,024 bytes. */
export async function readLine(fd: number, what: string): Promise<Out> {
  const room = still(LONGEST + 2); // and its CR LF
  try {
    let length = 0;
    for (;;) {
      const ended = !(await readByte(fd, room, length, what));
      if (ended && length === 0)
        throw new KeystrataError(
          'ERR_ARGUMENT',
          `${what}: a line is wanted on file descriptor ${fd}, and nothing came`,
        );
      if (ended || room[length] === LF) break;
      if (++length === room.length) break;
    }
    if (length > 0 && length < room.length && room[length - 1] === CR) length--;
    if (length > LONGEST) throw new KeystrataError('ERR_LIMIT', `${what}: more than ${LONGEST} bytes`);
    const line = still(length);
    line.set(room.subarray(0, length));
    return line;
  } finally {
    room.fill(0);
  }
}

/** False at the end of the stream. */
async function readByte(fd: number, into: Out, at: number, what: string): Promise<boolean> {
  for (;;) {
    try {
      return (await readFrom(fd, into, at, 1, null)).bytesRead === 1;
    } catch (error) {
      const code = systemCode(error);
      if (code === 'EOF') return false; // a pipe's end on Windows
      if (code !== 'EAGAIN') throw storeError(error, `${what}: reading file descriptor ${fd}`);
      await sleep(5); // somebody else made it non-blocking
    }
  }
}

/** ERR_ARGUMENT where a descriptor is not open for us: better than to wait for a line that cannot come. */
export function checkDescriptor(fd: number, option: string): void {
  try {
    const stat = fstatSync(fd);
    if (stat.isFile() || stat.isFIFO() || stat.isSocket() || stat.isCharacterDevice()) return;
  } catch (error) {
    if (systemCode(error) !== 'EBADF') throw storeError(error, `${option} ${fd}`);
  }
  throw new KeystrataError(
    'ERR_ARGUMENT',
    `${option} ${fd}: nothing readable is open there; write, for example, ${fd}<FILE behind the command`,
  );
}
