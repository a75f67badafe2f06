// Pipes, sockets and terminals: whoever reads or writes one may wait for somebody else, for ever. They are waited for by
// events and never in a thread that blocks: Node joins its threads at the end, and would not end.

import { constants, createReadStream, fstatSync, open as openFile } from 'node:fs';
import { Socket, type OnReadOpts, type SocketConstructorOpts } from 'node:net';
import type { Readable, Writable } from 'node:stream';
import { setTimeout as sleep } from 'node:timers/promises';
import { isatty, ReadStream } from 'node:tty';
import { promisify } from 'node:util';
import type { Out } from '../core/bytes.ts';
import { systemCode } from '../store/failure.ts';

const open = promisify(openFile);

/** Bytes at a time, of a device. */
const CHUNK = 64 * 1024;
/** Of a pipe that nobody reads yet, in milliseconds. */
const AGAIN = 50;

/** A pipe or a device that has a name. A pipe ends when every writer has left. */
export async function readPipe(path: string): Promise<Readable> {
  const fd = await open(path, constants.O_RDONLY | constants.O_NONBLOCK);
  if (isatty(fd)) return new ReadStream(fd);
  return fstatSync(fd).isFIFO()
    ? new Socket({ fd, readable: true, writable: false })
    : createReadStream(path, { fd, highWaterMark: CHUNK });
}

/** A pipe that has a name, once somebody reads it. */
export async function writePipe(path: string): Promise<Writable> {
  for (;;) {
    try {
      const fd = await open(path, constants.O_WRONLY | constants.O_NONBLOCK);
      return new Socket({ fd, readable: false, writable: true }).on('error', () => undefined); // told by the write that fails
    } catch (error) {
      if (systemCode(error) !== 'ENXIO') throw error;
      await sleep(AGAIN);
    }
  }
}

/** Those that came to their end here are closed: another file may have their number. */
const ended = new Set<number>();

export const isEnded = (fd: number): boolean => ended.has(fd);

/**
 * Bytes of a pipe or socket, each put into `into` and told to `take`, as long as that says true. The next byte stays for
 * whoever reads next. False where the end came first.
 */
export function takeBytes(fd: number, into: Out, take: () => boolean): Promise<boolean> {
  if (isEnded(fd)) return Promise.resolve(false);
  return new Promise((resolve, reject) => {
    const callback = (): boolean => {
      const more = take();
      if (!more) resolve(true);
      return more;
    };
    const onread: OnReadOpts = { buffer: into.subarray(0, 1), callback };
    const options: SocketConstructorOpts & { onread: OnReadOpts } = { fd, readable: true, writable: false, onread };
    const end = (): void => {
      ended.add(fd);
      resolve(false);
    };
    new Socket(options).on('error', reject).on('end', end).resume();
  });
}
