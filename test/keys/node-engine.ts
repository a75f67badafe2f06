// The engine once more, on node:crypto: a slow model that shares nothing with the core but the interface. What both say is
// compared; and what it keeps shows every key that was ever made, so that tests can look for them.

import { createCipheriv, createDecipheriv, createHash, createHmac, pbkdf2Sync, randomFillSync } from 'node:crypto';
import type { Bytes, Out } from '../../bindings/core/bytes.ts';
import { KeystrataError, authenticationError } from '../../bindings/core/errors.ts';
import type { As, Engine, Nonce, Random } from '../../bindings/engine/engine.ts';
import { Key } from '../../bindings/engine/key.ts';
import type { Owner, Purpose } from '../../bindings/engine/key.ts';

const own = (bytes: Uint8Array): Out => {
  const out = new Uint8Array(new ArrayBuffer(bytes.length));
  out.set(bytes);
  return out;
};

/** One behind the other, in `out` or fresh bytes. */
function laid(parts: readonly Uint8Array[], out: Out | undefined): Out {
  const whole = own(Buffer.concat(parts));
  if (!out) return whole;
  out.set(whole);
  return out.subarray(0, whole.length);
}

const NO_AAD = new Uint8Array(0);

function gcmSeal(key: Bytes, { iv, aad }: Nonce, text: Bytes): Buffer {
  const cipher = createCipheriv('aes-256-gcm', key, iv);
  cipher.setAAD(aad);
  return Buffer.concat([cipher.update(text), cipher.final(), cipher.getAuthTag()]);
}

function gcmOpen(key: Bytes, { iv, aad }: Nonce, sealed: Bytes): Buffer {
  if (sealed.length < 16) throw authenticationError();
  const decipher = createDecipheriv('aes-256-gcm', key, iv);
  decipher.setAAD(aad);
  decipher.setAuthTag(sealed.subarray(sealed.length - 16));
  const text = decipher.update(sealed.subarray(0, sealed.length - 16));
  try {
    decipher.final();
  } catch {
    throw authenticationError();
  }
  return text;
}

/** RFC 5869 §2.3. */
function hkdfExpand(hash: 'sha256' | 'sha512', prk: Bytes, info: Bytes, length: number): Buffer {
  let okm = Buffer.alloc(0);
  let t = Buffer.alloc(0);
  for (let i = 1; okm.length < length; i++) {
    t = createHmac(hash, prk).update(t).update(info).update(Uint8Array.of(i)).digest();
    okm = Buffer.concat([okm, t]);
  }
  return okm.subarray(0, length);
}

export interface NodeEngine extends Engine {
  /** Slots in use. */
  live(): number;
}

/** `late`: seal and open answer with promises, as WebCrypto does. */
export function nodeEngine(p: { random?: Random; late?: boolean } = {}): NodeEngine {
  const slots = new Map<number, Buffer>();
  const owner: Owner = { owns: (slot) => slots.has(slot), free: (slot) => void slots.delete(slot) };
  let next = 0;
  const make = <P extends Purpose>(bytes: Uint8Array, { purpose, id }: As<P>): Key<P> => {
    slots.set(next, Buffer.from(bytes));
    return new Key(owner, next++, purpose, id);
  };
  const bytesOf = (key: Key, purpose: Purpose = key.purpose): Buffer => slots.get(Key.slotOf(key, purpose, owner))!;
  const random: Random = p.random ?? ((into) => void randomFillSync(into));

  return {
    kind: 'wasm',
    ahead: 0,
    variant: 'scalar',
    random: (into) => random(into),
    live: () => slots.size,
    sha256: (...parts) => own(parts.reduce((hash, part) => hash.update(part), createHash('sha256')).digest()),
    freeSlots: () => 64 - slots.size,
    generateKey(as) {
      const bytes = own(Buffer.alloc(32));
      random(bytes);
      return make(bytes, as);
    },
    importKey: (bytes, as) => make(bytes, as),
    exportSecretBytes: (key) => own(bytesOf(key)),
    password(bytes) {
      const copy = Buffer.from(bytes);
      return {
        derive: ({ salt, iterations, id, ...work }) => {
          const key = make(pbkdf2Sync(copy, salt, iterations, 32, 'sha256'), { purpose: 'derive', id });
          work.onProgress?.(1);
          return Promise.resolve(key);
        },
        dispose: () => void copy.fill(0),
        [Symbol.dispose]: () => void copy.fill(0),
      };
    },
    extract: ({ salt, ikm }, as) => make(createHmac('sha256', salt).update(ikm).digest(), as),
    expand(prk, { hash, info, length, keys }) {
      const okm = hkdfExpand(hash === 'SHA-256' ? 'sha256' : 'sha512', bytesOf(prk, 'derive'), info, length);
      const rest = [...okm].filter((_, i) => !keys.some(({ at }) => i >= at && i < at + 32));
      return { keys: keys.map((as) => make(okm.subarray(as.at, as.at + 32), as)), rest: own(Uint8Array.from(rest)) };
    },
    mac: (key, ...parts) =>
      own(parts.reduce((mac, part) => mac.update(part), createHmac('sha256', bytesOf(key, 'mac'))).digest()),
    wrap: (outer, inner, { prefix, ...nonce }) =>
      own(gcmSeal(bytesOf(outer, 'wrap'), nonce, Buffer.concat([prefix, bytesOf(inner)]))),
    unwrap(outer, { prefix, sealed, ...nonce }, as) {
      const text = gcmOpen(bytesOf(outer, 'wrap'), nonce, sealed);
      if (text.length !== prefix.length + 32 || !text.subarray(0, prefix.length).equals(prefix))
        throw new KeystrataError('ERR_FORMAT', 'wrapped key: another prefix is inside');
      return make(text.subarray(prefix.length), as);
    },
    seal(key, plaintext, { out, ...nonce }) {
      const sealed = gcmSeal(bytesOf(key, 'seal'), nonce, plaintext);
      if (!p.late) return out.set(sealed);
      return new Promise((done) => setImmediate(() => done(out.set(sealed))));
    },
    open(key, sealed, nonce) {
      const bytes = bytesOf(key, 'seal');
      if (!p.late) return own(gcmOpen(bytes, nonce, sealed));
      return new Promise((done) => setImmediate(done)).then(() => own(gcmOpen(bytes, nonce, sealed)));
    },
    async sealSeries(key, plaintexts, { ivs, out }) {
      const sealed = plaintexts.map((text, i) => gcmSeal(bytesOf(key, 'seal'), { iv: ivs[i]!, aad: NO_AAD }, text));
      if (p.late) await new Promise((done) => setImmediate(done));
      return laid(sealed, out);
    },
    async openSeries(key, sealed, { ivs, out }) {
      const bytes = bytesOf(key, 'seal');
      if (p.late) await new Promise((done) => setImmediate(done));
      const opened: Uint8Array[] = [];
      for (const [i, text] of sealed.entries()) {
        try {
          opened.push(gcmOpen(bytes, { iv: ivs[i]!, aad: NO_AAD }, text));
        } catch {
          break;
        }
      }
      return laid(opened, out);
    },
    dispose: () => slots.clear(),
    [Symbol.dispose]: () => slots.clear(),
  };
}
