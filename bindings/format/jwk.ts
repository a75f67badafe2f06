// Public keys as JWK (RFC 7517; RFC 7518 §6.2 EC, RFC 8037 §2 OKP). FORMATS §0 has the same keys as COSE_Key.
//
//   P-256             { kty: "EC",  crv: "P-256", x, y }              use: "enc" or "sig"
//   X25519, Ed25519   { kty: "OKP", crv: "X25519" or "Ed25519", x }
//   X-Wing            { kty: "AKP", alg: "X-Wing", pub }              no RFC yet: of the draft's name, for one's own use
//
// Values are base64url without padding, of their full length. Read strictly, written one way; a private key is refused, so that
// none is passed on by mistake. Nothing secret. Whether the bytes are a point of the curve is for those who use the key.

import type { Bytes } from '../core/bytes.ts';
import { still } from '../core/bytes.ts';
import { KeystrataError } from '../core/errors.ts';
import { bad } from './fields.ts';
import type { Id } from './ids.ts';
import type { KeyUse } from './key-record.ts';
import type { PublicKey } from './public-key.ts';

/** A public JSON Web Key. */
export interface PublicJwk {
  readonly kty: 'EC' | 'OKP' | 'AKP';
  readonly crv?: 'P-256' | 'X25519' | 'Ed25519';
  readonly alg?: string;
  readonly x?: string; // base64url, here and below
  readonly y?: string;
  readonly pub?: string;
  readonly use?: 'sig' | 'enc';
  readonly kid?: string;
}

const ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_'; // RFC 4648 §5

export function base64url(bytes: Bytes): string {
  let out = '';
  for (let i = 0; i < bytes.length; i += 3) {
    const three = (bytes[i]! << 16) | ((bytes[i + 1] ?? 0) << 8) | (bytes[i + 2] ?? 0);
    for (let k = 0; k <= Math.min(3, bytes.length - i); k++) out += ALPHABET[(three >> (18 - 6 * k)) & 63];
  }
  return out;
}

/** Exactly `length` bytes: no padding, no other alphabet, no bits left over. ERR_FORMAT. */
function unbase64url(text: unknown, length: number, name: string): Bytes {
  if (typeof text !== 'string' || text.length !== Math.ceil((length * 4) / 3))
    throw bad(name, `${length} bytes in base64url are wanted, ${Math.ceil((length * 4) / 3)} characters`);
  const out = still(length);
  let bits = 0;
  let held = 0;
  let at = 0;
  for (const character of text) {
    const value = ALPHABET.indexOf(character);
    if (value < 0) throw bad(name, 'a character that base64url has not');
    bits = ((bits << 6) | value) & 0x3fff;
    held += 6;
    if (held < 8) continue;
    held -= 8;
    out[at++] = bits >> held;
  }
  if ((bits & ((1 << held) - 1)) !== 0) throw bad(name, 'bits behind its last byte');
  return out;
}

export function publicKeyToJwk(key: PublicKey, p: { use?: KeyUse; kid?: Id } = {}): PublicJwk {
  const besides = {
    ...(p.use === undefined ? {} : { use: p.use === 'sign' ? ('sig' as const) : ('enc' as const) }),
    ...(p.kid === undefined ? {} : { kid: p.kid }),
  };
  if (key.kind === 'X-Wing') return { kty: 'AKP', alg: 'X-Wing', pub: base64url(key.publicKey), ...besides };
  if (key.kind === 'P-256') return { kty: 'EC', crv: 'P-256', x: base64url(key.x), y: base64url(key.y), ...besides };
  return { kty: 'OKP', crv: key.kind, x: base64url(key.x), ...besides };
}

const PRIVATE = ['d', 'p', 'q', 'dp', 'dq', 'qi', 'k', 'priv']; // RFC 7518 §6, RFC 8037 §2, draft-ietf-cose-dilithium

const unsupported = (what: string): KeystrataError =>
  new KeystrataError('ERR_UNSUPPORTED', `jwk: ${what}; P-256, X25519, Ed25519 and X-Wing are taken`);

/** Algorithms of signatures: RFC 7518 §3.4, RFC 8037 §3.1, RFC 9864. A key that names one is for nothing else. */
const SIGNING: Readonly<Record<string, readonly string[]>> = { 'P-256': ['ES256'], Ed25519: ['EdDSA', 'Ed25519'] };

/** Refuses a key that says it is for something else: `use` and `alg`, RFC 7517 §4.2, §4.4. */
function checkUse(use: KeyUse, says: { use: unknown; alg: unknown; crv: unknown }): void {
  if (says.use !== undefined && says.use !== (use === 'sign' ? 'sig' : 'enc'))
    throw bad('jwk', `its use is ${JSON.stringify(says.use)}`);
  const signs = SIGNING[says.crv as string] ?? [];
  const wrong = use === 'sign' ? !signs.includes(says.alg as string) : /^(ES|Ed)/.test(String(says.alg));
  if (says.alg !== undefined && wrong) throw bad('jwk', `its alg is ${JSON.stringify(says.alg)}`);
}

/** What it is to be used for is held against its `use` and `alg`; other members are left aside, as RFC 7517 §4 wants it. */
export function publicKeyFromJwk(jwk: unknown, use?: KeyUse): PublicKey {
  if (typeof jwk !== 'object' || jwk === null || Array.isArray(jwk)) throw bad('jwk', 'an object is wanted');
  const own = (name: string): unknown =>
    Object.hasOwn(jwk, name) ? (jwk as Record<string, unknown>)[name] : undefined;
  if (PRIVATE.some((name) => own(name) !== undefined))
    throw new KeystrataError('ERR_ARGUMENT', 'jwk: this is a secret or private key: give the public one alone');
  const [kty, crv] = [own('kty'), own('crv')];
  if (typeof kty !== 'string') throw bad('jwk', 'no kty');
  if (kty !== 'EC' && kty !== 'OKP' && kty !== 'AKP') throw unsupported(`kty ${JSON.stringify(kty)}`);
  if (use !== undefined) checkUse(use, { use: own('use'), alg: own('alg'), crv: own('crv') });
  if (kty === 'AKP') {
    if (own('alg') !== 'X-Wing') throw unsupported(`alg ${JSON.stringify(own('alg'))}`);
    return { kind: 'X-Wing', publicKey: unbase64url(own('pub'), 1216, 'jwk: pub') };
  }
  if (typeof crv !== 'string') throw bad('jwk', 'no crv');
  const x = (): Bytes => unbase64url(own('x'), 32, 'jwk: x');
  if (kty === 'EC' && crv === 'P-256') return { kind: 'P-256', x: x(), y: unbase64url(own('y'), 32, 'jwk: y') };
  if (kty === 'OKP' && (crv === 'X25519' || crv === 'Ed25519')) return { kind: crv, x: x() };
  throw unsupported(`crv ${JSON.stringify(crv)} of kty ${kty}`);
}
