// What is asked of a peer: one operation, on inputs that every peer gets alike.
//
// A peer is { name, gcm?(key, iv) → { seal(text) → ciphertext ‖ tag, open(sealed) → text, sealInto?, openInto?, free?() },
//             pbkdf2?(password, salt, iterations, length), sha256?(m), hmac?(key, m), hkdf?(ikm, salt, info, length) };
// every function may return a promise. Work is { what, op, size, … }, plain data, so that it can cross a process.
import { createHash } from 'node:crypto';

/** Bytes that look random and are the same everywhere. */
export function bytes(length, seed) {
  const out = new Uint8Array(length);
  let state = (seed * 2654435761) >>> 0 || 1;
  for (let i = 0; i < length; i++) {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    state >>>= 0;
    out[i] = state;
  }
  return out;
}

const KEY = bytes(32, 1);
const IV = bytes(12, 2);

async function gcm(peer, { op, size, key = 'fixed', into = false }) {
  const text = bytes(size, 3);
  const fixed = await peer.gcm(KEY, IV);
  const sealed = Uint8Array.from(await fixed.seal(text));
  if (into && !fixed.sealInto) return null;
  const out = new Uint8Array(size + 16);
  const once = {
    encrypt: into ? (cipher) => cipher.sealInto(out, text) : (cipher) => cipher.seal(text),
    decrypt: into ? (cipher) => cipher.openInto(out, sealed) : (cipher) => cipher.open(sealed),
  }[op];
  const answer = async () => {
    const result = await once(fixed);
    return into ? out.subarray(0, op === 'encrypt' ? size + 16 : size) : result;
  };
  if (key === 'fixed') return { answer, run: () => once(fixed), end: () => fixed.free?.() };
  return {
    answer,
    run() {
      const cipher = peer.gcm(KEY, IV);
      if (!(cipher instanceof Promise)) {
        const result = once(cipher);
        if (!(result instanceof Promise)) return void cipher.free?.();
        return result.then(() => cipher.free?.());
      }
      return cipher.then(async (ready) => {
        await once(ready);
        ready.free?.();
      });
    },
    end: () => fixed.free?.(),
  };
}

/** `many` calls in flight at once count as many operations. */
async function inFlight(peer, work) {
  const one = await gcm(peer, work);
  return { ...one, operations: work.many, run: () => Promise.all(Array.from({ length: work.many }, one.run)) };
}

const simple = {
  pbkdf2: (peer, { iterations, length = 32 }) =>
    peer.pbkdf2?.bind(peer, bytes(12, 4), bytes(32, 5), iterations, length),
  sha256: (peer, { size }) => peer.sha256?.bind(peer, bytes(size, 6)),
  hmac: (peer, { size }) => peer.hmac?.bind(peer, bytes(32, 7), bytes(size, 6)),
  hkdf: (peer) => peer.hkdf?.bind(peer, bytes(32, 8), bytes(32, 5), bytes(40, 9), 64),
};

/**
 * Makes one piece of work ready on a peer, or null where the peer cannot do it.
 * Returns { run, answer, operations?, end? }: `run` does it once, `answer` gives the result's bytes.
 */
export async function prepare(peer, work) {
  if (peer.custom?.[work.what]) return peer.custom[work.what](work);
  if (work.what === 'gcm') return peer.gcm ? (work.many ? inFlight(peer, work) : gcm(peer, work)) : null;
  const run = simple[work.what]?.(peer, work);
  return run ? { run, answer: run } : null;
}

/** What two peers must agree on before either is timed. */
export const digest = (result) =>
  result instanceof Uint8Array || result instanceof ArrayBuffer
    ? createHash('sha256').update(new Uint8Array(result)).digest('hex')
    : String(result);
