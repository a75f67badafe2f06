// Plaintext at the door: text is its UTF-8, whose bytes are ours and wiped when the work is done; bytes are the caller's.

import { asBytes, utf8, type Bytes, type Out } from '../core/bytes.ts';

export function withPlaintext(
  plaintext: Bytes | string,
  work: (bytes: Bytes) => Out | Promise<Out>,
): Out | Promise<Out> {
  if (typeof plaintext !== 'string') return work(asBytes(plaintext, 'plaintext'));
  const bytes = utf8(plaintext, 'plaintext');
  let later = false;
  try {
    const done = work(bytes);
    if (!(done instanceof Promise)) return done;
    later = true;
    return done.finally(() => bytes.fill(0));
  } finally {
    if (!later) bytes.fill(0);
  }
}
