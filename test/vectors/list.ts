// Every set under ../shared/vectors: how many cases it has, and which test asks them, or why none does. list.test.ts holds
// this against the folder and against the tests.

/** A set that a test asks. */
export interface Asked {
  cases: number;
  by: readonly string[]; // relative to test/
}
/** A set that none asks, and why. */
export interface Unasked {
  cases: number;
  because: string;
}

const asked = (cases: number, ...by: readonly string[]): Asked => ({ cases, by });
const not =
  (because: string) =>
  (cases: number): Unasked => ({ cases, because });

const keyWrap = not('keys are wrapped by AES-256-GCM in COSE_Encrypt0; there is no AES-KW or AES-KWP');
const p256 = not('no P-256: keypairs are not offered yet');
const ed25519 = not('no Ed25519: keypairs are not offered yet');
const x25519 = not('no X25519: keypairs are not offered yet');
const mlkem = not('no ML-KEM or X-Wing: keypairs are not offered yet');
const hpke = not('no HPKE: nothing is sealed to a public key yet');
const jose = not("no JWE, JWS or JWK: others' formats are not read yet");
const cryppo = not('no cryppo strings: they are not read yet');

export const SETS: Record<string, Asked | Unasked> = {
  'nist-cavp/aes256-gcm-encrypt-extiv': asked(5907, 'core/nist.test.ts'),
  'nist-cavp/aes256-gcm-decrypt': asked(5907, 'core/nist.test.ts'),
  'nist-cavp/sha256-short': asked(49, 'core/nist.test.ts'),
  'nist-cavp/sha256-long': asked(48, 'core/nist.test.ts'),
  'nist-cavp/sha256-monte': asked(1, 'core/nist.test.ts'),
  'nist-cavp/hmac-sha256': asked(169, 'core/nist.test.ts'),
  'nist-cavp/aes256-ecb-gfsbox': asked(10, 'core/nist.test.ts'),
  'nist-cavp/aes256-ecb-keysbox': asked(24, 'core/nist.test.ts'),
  'nist-cavp/aes256-ecb-varkey': asked(384, 'core/nist.test.ts'),
  'nist-cavp/aes256-ecb-vartxt': asked(192, 'core/nist.test.ts'),
  'nist-cavp/aes256-ecb-mmt': asked(20, 'core/nist.test.ts'),
  'nist-cavp/aes256-ecb-mct': asked(150, 'core/nist.test.ts'),
  'nist-cavp/aes256-kw-ae': keyWrap(375),
  'nist-cavp/aes256-kw-ad': keyWrap(375),
  'nist-cavp/p256-ecdh': p256(25),

  'nist-acvp/aes256-ecb': asked(624, 'core/acvp.test.ts'),
  'nist-acvp/hmac-sha256-1.0': asked(732, 'core/acvp.test.ts'),
  'nist-acvp/hmac-sha256-2.0': asked(113, 'core/acvp.test.ts'),
  'nist-acvp/sha256': asked(388, 'core/acvp.test.ts', 'long/sha256.test.ts'),
  'nist-acvp/mlkem768-keygen': mlkem(25),
  'nist-acvp/mlkem768-encapdecap': mlkem(42),
  'nist-acvp/mlkem768-encapdecap-tr1': mlkem(49),
  'nist-acvp/x25519-ssc': x25519(25),
  'nist-acvp/x25519-keygen': x25519(10),
  'nist-acvp/x25519-keyver': x25519(16),
  'nist-acvp/ed25519-siggen': ed25519(32),
  'nist-acvp/ed25519-sigver': ed25519(5),
  'nist-acvp/ed25519-keygen': ed25519(3),
  'nist-acvp/ed25519-keyver': ed25519(4),
  'nist-acvp/p256-ecdsa-sigver': p256(7),
  'nist-acvp/p256-ecdsa-siggen': p256(10),
  'nist-acvp/p256-ecdsa-detsiggen': p256(11),
  'nist-acvp/p256-keyver': p256(3),

  'nist-acvts/pbkdf2-hmac-sha256': asked(13, 'core/nist.test.ts'),
  'nist-acvts/aes256-gcm': asked(26, 'core/nist.test.ts'),
  'nist-acvts/aes256-gmac': asked(158, 'core/nist.test.ts'),
  'nist-acvts/hkdf-sha256': asked(135, 'core/nist.test.ts'),

  'wycheproof/aes_gcm': asked(79, 'core/wycheproof.test.ts'),
  'wycheproof/aes_gmac': asked(104, 'core/wycheproof.test.ts'),
  'wycheproof/aes_wrap': keyWrap(51),
  'wycheproof/aes_kwp': keyWrap(71),
  'wycheproof/hmac_sha256': asked(131, 'core/wycheproof.test.ts'),
  'wycheproof/hkdf_sha256': asked(65, 'core/wycheproof.test.ts'),
  'wycheproof/pbkdf2_hmacsha256': asked(45, 'core/wycheproof.test.ts'),
  'wycheproof/cobblestone_256': asked(27, 'engine/cobblestone.test.ts', 'keys/cobblestone.test.ts'),
  'wycheproof/x25519': x25519(389),
  'wycheproof/x25519_jwk': x25519(399),
  'wycheproof/ed25519': ed25519(114),
  'wycheproof/ecdh_secp256r1': p256(459),
  'wycheproof/ecdh_secp256r1_ecpoint': p256(267),
  'wycheproof/ecdh_secp256r1_webcrypto': p256(265),
  'wycheproof/ecdsa_secp256r1_sha256': p256(363),
  'wycheproof/ecdsa_secp256r1_sha256_p1363': p256(197),
  'wycheproof/mlkem_768': mlkem(145),
  'wycheproof/mlkem_768_encaps': mlkem(199),
  'wycheproof/mlkem_768_keygen_seed': mlkem(75),
  'wycheproof/mlkem_768_semi_expanded_decaps': mlkem(9),
  'wycheproof/json_web_encryption': jose(105),
  'wycheproof/json_web_crypto': jose(63),
  'wycheproof/json_web_key': jose(26),

  'rfc/rfc4231-hmac-sha256': asked(7, 'core/rfc.test.ts'),
  'rfc/rfc5869-hkdf-sha256': asked(3, 'core/rfc.test.ts'),
  'rfc/rfc7914-pbkdf2-hmac-sha256': asked(2, 'core/rfc.test.ts'),
  'rfc/rfc7748-x25519': x25519(3),
  'rfc/rfc8032-ed25519': ed25519(5),
  'rfc/rfc6979-p256-sha256': p256(2),
  'rfc/rfc9180-hpke': asked(8, 'keys/hpke.test.ts'),
  'rfc/rfc7520-jwe': jose(15),
  'rfc/draft-xwing': mlkem(3),
  'rfc/draft-hpke-pq': hpke(5),

  'gcm-spec/mcgrew-viega-256': asked(6, 'core/rfc.test.ts'),
  'tink/aes-gcm-hkdf-streaming': asked(8, 'core/tink.test.ts'),
  'tink/aes256-gcm-hkdf-1mb': asked(4, 'core/tink.test.ts'),
  'cctv/mlkem768': mlkem(2),
  'cryppo/cryppo-strings': cryppo(19),
};
