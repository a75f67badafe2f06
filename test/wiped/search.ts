// Secrets looked for by their bytes, in the forms in which the core would hold them: as they are, as words turned around (which
// is how hashes work on them), and under the two pads of HMAC (RFC 2104 §2).

const turned = (bytes: Uint8Array, word: number): Uint8Array =>
  bytes.map((_, i) => bytes[i - (i % word) + word - 1 - (i % word)] ?? 0);

/** A secret of at least 8 octets, in each of its forms. */
export function forms(secret: Uint8Array): Uint8Array[] {
  const padded = [0x00, 0x36, 0x5c].map((pad) => secret.map((octet) => octet ^ pad));
  return padded.flatMap((bytes) => [bytes, turned(bytes, 4), turned(bytes, 8)]);
}

/** How many runs of 8 octets of the secret lie in memory, in any form. */
export function sightings(memory: Uint8Array, secret: Uint8Array): number {
  const haystack = Buffer.from(memory.buffer, memory.byteOffset, memory.length);
  let found = 0;
  for (const form of forms(secret))
    for (let from = 0; from + 8 <= form.length; from += 8)
      for (let at = -1; (at = haystack.indexOf(form.subarray(from, from + 8), at + 1)) >= 0;) found++;
  return found;
}
