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
  'nist-cavp/p256-ecdh': asked(25, 'keys/agreement.test.ts'),

  'nist-acvp/aes256-ecb': asked(624, 'core/acvp.test.ts'),
  'nist-acvp/hmac-sha256-1.0': asked(732, 'core/acvp.test.ts'),
  'nist-acvp/hmac-sha256-2.0': asked(113, 'core/acvp.test.ts'),
  'nist-acvp/sha256': asked(388, 'core/acvp.test.ts', 'long/sha256.test.ts'),
  'nist-acvp/mlkem768-keygen': asked(25, 'keys/xwing.test.ts'),
  'nist-acvp/mlkem768-encapdecap': asked(42, 'keys/xwing.test.ts'),
  'nist-acvp/mlkem768-encapdecap-tr1': asked(49, 'keys/xwing.test.ts'),
  'nist-acvp/x25519-ssc': asked(25, 'keys/agreement.test.ts'),
  'nist-acvp/x25519-keygen': asked(10, 'keys/agreement.test.ts'),
  'nist-acvp/x25519-keyver': asked(16, 'keys/agreement.test.ts'),
  'nist-acvp/ed25519-siggen': asked(32, 'keys/signing.test.ts'),
  'nist-acvp/ed25519-sigver': asked(5, 'keys/signing.test.ts'),
  'nist-acvp/ed25519-keygen': asked(3, 'keys/signing.test.ts'),
  'nist-acvp/ed25519-keyver': asked(4, 'keys/signing.test.ts'),
  'nist-acvp/p256-ecdsa-sigver': asked(7, 'keys/signing.test.ts'),
  'nist-acvp/p256-ecdsa-siggen': asked(10, 'keys/signing.test.ts'),
  'nist-acvp/p256-ecdsa-detsiggen': asked(11, 'keys/signing.test.ts'),
  'nist-acvp/p256-keyver': asked(3, 'keys/agreement.test.ts'),

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
  'wycheproof/x25519': asked(389, 'keys/agreement.test.ts'),
  'wycheproof/x25519_jwk': asked(399, 'keys/agreement.test.ts'),
  'wycheproof/ed25519': asked(114, 'keys/signing.test.ts'),
  'wycheproof/ecdh_secp256r1': asked(459, 'keys/agreement.test.ts'),
  'wycheproof/ecdh_secp256r1_ecpoint': asked(267, 'keys/agreement.test.ts'),
  'wycheproof/ecdh_secp256r1_webcrypto': asked(265, 'keys/agreement.test.ts'),
  'wycheproof/ecdsa_secp256r1_sha256': asked(363, 'keys/signing.test.ts'),
  'wycheproof/ecdsa_secp256r1_sha256_p1363': asked(197, 'keys/signing.test.ts'),
  'wycheproof/mlkem_768': asked(145, 'keys/xwing.test.ts'),
  'wycheproof/mlkem_768_encaps': asked(199, 'keys/xwing.test.ts'),
  'wycheproof/mlkem_768_keygen_seed': asked(75, 'keys/xwing.test.ts'),
  'wycheproof/mlkem_768_semi_expanded_decaps': asked(9, 'keys/xwing.test.ts'),
  'wycheproof/json_web_encryption': jose(105),
  'wycheproof/json_web_crypto': jose(63),
  'wycheproof/json_web_key': asked(26, 'format/jwk.test.ts'),

  'rfc/rfc4231-hmac-sha256': asked(7, 'core/rfc.test.ts'),
  'rfc/rfc5869-hkdf-sha256': asked(3, 'core/rfc.test.ts'),
  'rfc/rfc7914-pbkdf2-hmac-sha256': asked(2, 'core/rfc.test.ts'),
  'rfc/rfc7748-x25519': asked(3, 'keys/agreement.test.ts'),
  'rfc/rfc8032-ed25519': asked(5, 'keys/signing.test.ts'),
  'rfc/rfc6979-p256-sha256': asked(2, 'keys/signing.test.ts'),
  'rfc/rfc9180-hpke': asked(8, 'keys/hpke.test.ts'),
  'rfc/rfc7520-jwe': jose(15),
  'rfc/draft-xwing': asked(3, 'keys/xwing.test.ts'),
  'rfc/draft-hpke-pq': asked(5, 'keys/xwing.test.ts'),

  'gcm-spec/mcgrew-viega-256': asked(6, 'core/rfc.test.ts'),
  'tink/aes-gcm-hkdf-streaming': asked(8, 'core/tink.test.ts'),
  'tink/aes256-gcm-hkdf-1mb': asked(4, 'core/tink.test.ts'),
  'cctv/mlkem768': asked(2, 'keys/xwing.test.ts'),
  'cryppo/cryppo-strings': cryppo(19),
};
