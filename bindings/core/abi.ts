// What the WebAssembly core exports: the waist between assembly/ and everything else.
//
// Addresses are byte offsets into `memory`. Every (at, length) pair must lie in the I/O region [IO, IO + IO_LENGTH);
// slots, jobs and lanes are numbers in range. A call whose arguments are not so returns a negative status and touches
// nothing. Every call wipes its scratch. One hash stream, one HKDF expansion and one GCM message run at a time: the
// bindings use them synchronously; PBKDF2, which yields between steps, has jobs of its own.

export const ABI_VERSION = 1;

/** Status of a call: at least 0 where it worked. */
export const Status = {
  OK: 0,
  RANGE: -1, //    an address or a length outside the I/O region, or a number out of its range
  SLOT: -2, //     no such slot or job, or its state does not allow the call
  STATE: -3, //    called out of order (say, gcmTag before gcmIv)
  FULL: -4, //     no slot or job is free
  BAD_TAG: -5, //  the tag is wrong
  LIMIT: -6, //    beyond 2^36 - 32 bytes of text (SP 800-38D §5.2.1.1), or another limit of the standard
  MISMATCH: -7, // the unwrapped prefix is not the expected one
} as const;

export interface Abi {
  readonly memory: WebAssembly.Memory;

  // Constants, exported as immutable globals (i32)
  readonly ABI: WebAssembly.Global; //       ABI_VERSION
  readonly VARIANT: WebAssembly.Global; //   0 scalar, 1 simd, 2 relaxed
  readonly IO: WebAssembly.Global; //        first byte of the I/O region
  readonly IO_LENGTH: WebAssembly.Global; // at least 32 KiB
  readonly SLOTS: WebAssembly.Global; //     64
  readonly JOBS: WebAssembly.Global; //      4

  // The key table: 32 secret bytes a slot. States: free → allocated → loaded → free.
  keyAllocate(): number; //                                   slot (now allocated), or FULL
  keyAddress(slot: number): number; //                        where its 32 bytes lie, for the host's random fill, import or view; SLOT if free
  keyLoad(slot: number): number; //                           allocated → loaded: the host has filled it
  keyExport(slot: number, at: number): number; //             32 bytes to the I/O region
  keyFree(slot: number): number; //                           wipes key and prepared context; a free slot may be freed again

  // SHA-256 and SHA-512, FIPS 180-4. update feeds the stream that runs, an HMAC's too.
  sha256Begin(): number;
  sha256Update(at: number, length: number): number;
  sha256Finish(at: number): number; //                        32 bytes
  sha512Begin(): number;
  sha512Update(at: number, length: number): number;
  sha512Finish(at: number): number; //                        64 bytes

  // HMAC, RFC 2104. Keys in the I/O region may have any length; a slot is a key of 32 bytes. Fed by sha256Update / sha512Update.
  hmacSha256Begin(keyAt: number, keyLength: number): number;
  hmacSha256BeginSlot(slot: number): number;
  hmacSha256Finish(at: number): number; //                    32 bytes
  hmacSha256FinishSlot(slot: number): number; //              into an allocated slot, which is then loaded (HKDF-Extract)
  hmacSha512Begin(keyAt: number, keyLength: number): number;
  hmacSha512BeginSlot(slot: number): number;
  hmacSha512Finish(at: number): number; //                    64 bytes

  // HKDF-Expand, RFC 5869 §2.3, PRK in a slot; the OKM (at most 128 bytes) stays inside until taken.
  // hkdfBegin, then for every block: hkdfNext, sha…Update(info) as often as needed, hkdfDone; then hkdfKey / hkdfBytes; hkdfEnd.
  hkdfBegin(hash: 256 | 512, prk: number): number;
  hkdfNext(): number; //                                      starts HMAC(PRK) and absorbs T(i-1)
  hkdfDone(): number; //                                      absorbs the octet i; T(i) is appended to the OKM
  hkdfKey(from: number, slot: number): number; //             OKM[from … from+32) into an allocated slot, which is then loaded
  hkdfBytes(from: number, length: number, at: number): number; // public parts of the OKM
  hkdfEnd(): number; //                                       wipes

  // PBKDF2-HMAC-SHA256, RFC 8018 §5.2. A job keeps the password's two HMAC midstates and up to four lanes (U, T), a block each.
  // begin; then for each lane: salt, sha256Update(salt), sha256Update(INT(i)), block; then step until c - 1 iterations are done; then key / bytes. Another salt may follow. end.
  pbkdf2Begin(passwordAt: number, passwordLength: number): number; // job, or FULL
  pbkdf2Salt(job: number): number; //                         starts the HMAC stream of the password
  pbkdf2Block(job: number, lane: number): number; //          ends it: U = T = U_1 of this lane
  pbkdf2Step(job: number, lanes: number, iterations: number): number; // lanes 0 … lanes-1, so many further iterations
  pbkdf2Key(job: number, lane: number, slot: number): number; // T into an allocated slot, which is then loaded
  pbkdf2Bytes(job: number, lane: number, length: number, at: number): number;
  pbkdf2End(job: number): number; //                          wipes and frees the job; twice does no harm

  // AES-256, FIPS 197. Raw blocks in place: for known-answer tests.
  aesEncryptBlocks(slot: number, at: number, blocks: number): number;

  // AES-256-GCM, SP 800-38D, in chunks: begin, iv+, aad*, (encrypt* then tag) or (decrypt* then verify). In place. Wiped by tag, verify and end.
  gcmBegin(slot: number): number;
  gcmIv(at: number, length: number): number; //               any length in all, at least one byte
  gcmAad(at: number, length: number): number;
  gcmEncrypt(at: number, length: number): number;
  gcmDecrypt(at: number, length: number): number;
  gcmTag(at: number, tagLength: number): number; //           12 … 16
  gcmVerify(at: number, tagLength: number): number; //        OK or BAD_TAG
  gcmEnd(): number;

  // … and whole, in one call. The tag stands behind the text.
  gcmSeal(
    slot: number,
    ivAt: number,
    ivLength: number,
    aadAt: number,
    aadLength: number,
    at: number,
    length: number,
    tagLength: number,
  ): number;
  gcmOpen(
    slot: number,
    ivAt: number,
    ivLength: number,
    aadAt: number,
    aadLength: number,
    at: number,
    length: number,
    tagLength: number,
  ): number; // length without the tag; verified before a byte is decrypted, BAD_TAG leaves the text as it came

  // Key wrapping, slot to slot: seals prefix ‖ key. 12-byte IV, 16-byte tag, prefix of at most 128 bytes.
  wrapKey(
    outer: number,
    inner: number,
    ivAt: number,
    aadAt: number,
    aadLength: number,
    prefixAt: number,
    prefixLength: number,
    at: number,
  ): number; // writes prefixLength + 48 bytes
  unwrapKey(
    outer: number,
    target: number,
    ivAt: number,
    aadAt: number,
    aadLength: number,
    prefixAt: number,
    prefixLength: number,
    at: number,
  ): number; // reads prefixLength + 48 bytes; target: allocated, then loaded

  /** Wipes everything: key table, contexts, jobs, states, the I/O region. */
  wipe(): void;
}
