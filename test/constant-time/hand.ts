// Secrets, dealt by hands: every run of a scenario gets the same public inputs, and secrets from a hand of its own.

import { createCipheriv, createHash } from 'node:crypto';

export interface Hand {
  readonly name: string;
  /** So many secret octets. */
  bytes(length: number): Uint8Array;
  /** A secret number, 0 … bound - 1: where an altered octet stands, say. */
  below(bound: number): number;
}

const filled = (name: string, octet: number, number: (bound: number) => number): Hand => ({
  name,
  bytes: (length) => new Uint8Array(length).fill(octet),
  below: number,
});

/** The key stream of AES-256-CTR under the hash of a name: the same at every run, so that a failure can be seen again. */
function random(name: string): Hand {
  const stream = createCipheriv('aes-256-ctr', createHash('sha256').update(name).digest(), new Uint8Array(16));
  const bytes = (length: number): Uint8Array => stream.update(new Uint8Array(length));
  return { name, bytes, below: (bound) => new DataView(bytes(4).slice().buffer).getUint32(0) % bound };
}

/** Fresh hands: all zeros, all ones, and three at random. */
export const hands = (): Hand[] => [
  filled('zeros', 0x00, () => 0),
  filled('ones', 0xff, (bound) => bound - 1),
  random('ash'),
  random('birch'),
  random('cedar'),
];
