// What is measured, and the ratios that the project holds itself to.
import { child } from './child.mjs';
import { contender, hasNewer } from './contenders.mjs';

const KiB = 1 << 10;
const MiB = 1 << 20;
const SIZES = [16, 64, 256, KiB, 4 * KiB, 16 * KiB, 64 * KiB, 256 * KiB, MiB, 4 * MiB, 16 * MiB];

const relaxed = hasNewer() ? [contender('keystrata relaxed', 'keystrata:relaxed', 'newer')] : [];
const ours = [
  contender('keystrata simd', 'keystrata:simd'),
  ...relaxed,
  contender('keystrata scalar', 'keystrata:scalar'),
];
const engines = ['auto', 'webcrypto', 'wasm'].map((kind) => contender(`engine ${kind}`, `engine:${kind}`));
const platform = [
  contender('node:crypto', 'node'),
  contender('node:crypto, no CPU crypto', 'node', 'without'),
  contender('WebCrypto', 'webcrypto'),
];
const inFlight = contender('WebCrypto, 16 in flight', 'webcrypto', 'here', { work: { many: 16 } });
const other = { other: true }; // another cipher or format: timed, not compared
const wasmPeers = [
  contender('mbedTLS wasm (Virgil)', 'virgil'),
  contender('RustCrypto wasm (Transcend)', 'transcend'),
  contender('libsodium XChaCha20-Poly1305', 'sodium:xchacha', 'here', other),
  contender('libsodium AEGIS-256', 'sodium:aegis', 'here', other),
];
const scripts = [
  contender('@noble', 'noble'),
  contender('asmcrypto.js', 'asmcrypto'),
  contender('@stablelib', 'stablelib'),
  contender('node-forge', 'forge'),
  contender('cryppo', 'cryppo', 'here', other),
];
const hashers = [
  ...ours,
  ...platform,
  contender('@noble', 'noble'),
  contender('asmcrypto.js', 'asmcrypto'),
  contender('@stablelib', 'stablelib'),
  contender('hash-wasm', 'hash-wasm'),
];

const gcm = (op, size, more) => ({ what: 'gcm', op, size, ...more });
/** Peers under the Node that runs `relaxed`, for the sizes at which they are held against it. */
const newer = hasNewer()
  ? [
      contender('@noble, newer Node', 'noble', 'newer'),
      contender('mbedTLS wasm (Virgil), newer Node', 'virgil', 'newer'),
      contender('libsodium XChaCha20-Poly1305, newer Node', 'sodium:xchacha', 'newer', other),
    ]
  : [];
const curve = (op, sizes) =>
  sizes.map((size) => ({
    name: `gcm-${op}-${size}`,
    work: gcm(op, size),
    who: [...ours, ...engines, ...platform, inFlight, ...wasmPeers, ...scripts, ...(size === MiB ? newer : [])],
  }));

/** Four blocks of output, in the lanes of a register where there is SIMD. */
const fourBlocks = (one) => ({ ...one, name: `${one.name}, four blocks`, other: true, work: { length: 128 } });

const cold = [
  ['keystrata simd', 'keystrata:simd'],
  ['keystrata scalar', 'keystrata:scalar'],
  ['engine auto', 'engine:auto'],
  ['node:crypto', 'node'],
  ['@noble', 'noble'],
  ['libsodium XChaCha20-Poly1305', 'sodium:xchacha'],
  ['mbedTLS wasm (Virgil)', 'virgil'],
  ['RustCrypto wasm (Transcend)', 'transcend'],
];
/** The most memory a process holds that seals and opens a stream. */
const memory = (mib) => ({
  name: `memory-${mib}MiB`,
  work: { what: 'memory', unit: 'B' },
  rounds: mib > 256 ? 1 : 3,
  who: [
    ...['auto', 'wasm'].map((prefer) => child(`keyring, ${prefer}`, 'memory.mjs', prefer, mib)),
    child('the chunks alone', 'memory.mjs', 'none', mib),
  ],
});

/** The suites; `quick` leaves out sizes and lowers PBKDF2's count, not the contenders; `long` adds what takes minutes. */
export function suites(quick, long) {
  const sizes = quick ? [64, 16 * KiB, MiB] : SIZES;
  return [
    ...curve('encrypt', sizes),
    ...curve('decrypt', quick ? [MiB] : SIZES),
    {
      name: 'gcm-encrypt-64-into',
      work: gcm('encrypt', 64, { into: true }),
      who: ours,
      and: [contender('node:crypto', 'node', 'here', { work: { into: false } })],
    },
    {
      name: 'gcm-encrypt-64-fresh-key',
      work: gcm('encrypt', 64, { key: 'fresh' }),
      who: [...ours, ...platform, ...scripts.slice(0, 3)],
    },
    { name: 'pbkdf2', work: { what: 'pbkdf2', iterations: quick ? 100_000 : 600_000 }, who: [...hashers, ...engines] },
    {
      name: 'pbkdf2-lanes',
      work: { what: 'pbkdf2', iterations: 100_000, length: 32 },
      who: ours.flatMap((one) => [one, fourBlocks(one)]),
    },
    ...(quick ? [MiB] : [64, MiB]).flatMap((size) => [
      { name: `sha256-${size}`, work: { what: 'sha256', size }, who: hashers },
      { name: `hmac-${size}`, work: { what: 'hmac', size }, who: hashers },
    ]),
    {
      name: 'hkdf',
      work: { what: 'hkdf' },
      who: hashers.filter(({ name }) => !/hash-wasm|asmcrypto|stablelib/.test(name)),
    },
    {
      name: 'record-64',
      work: { what: 'record', size: 64 },
      who: [
        contender('keyring, auto', 'keyring:auto'),
        contender('keyring, wasm', 'keyring:wasm'),
        contender('bare node:crypto', 'bare'),
      ],
    },
    {
      name: 'stream-16MiB',
      work: { what: 'stream', size: 16 * MiB },
      who: [
        contender('keyring, auto', 'keyring:auto'),
        contender('keyring, wasm', 'keyring:wasm'),
        contender('bare node:crypto', 'bare'),
      ],
    },
    ...['seal', 'open'].map((op) => ({
      name: `pool-${op}-64MiB`,
      work: { what: 'flow', op, size: 64 * MiB },
      who: [
        contender('keyring, wasm', 'keyring:wasm'),
        contender('keyring, wasm, 2 workers', 'keyring:pool'),
        contender('keyring, auto', 'keyring:auto'),
      ],
    })),
    { name: 'unlock-1-key', work: { what: 'unlock', keys: 1 }, who: [contender('keyring, wasm', 'keyring:wasm')] },
    ...['slot', 'rotate'].flatMap((what) =>
      [1, 10_000].map((keys) => ({
        name: `${what}-${keys}-key${keys > 1 ? 's' : ''}`,
        work: { what, keys },
        who: [contender('keyring, wasm', 'keyring:wasm')],
      })),
    ),
    {
      name: 'unlock-10000-keys',
      work: { what: 'unlock', keys: 10_000 },
      who: [contender('keyring, wasm', 'keyring:wasm')],
    },
    {
      name: 'cold-start',
      work: { what: 'cold start' },
      rounds: quick ? 3 : 15,
      who: cold.map(([name, peer]) => child(name, 'cold.mjs', peer)),
    },
    memory(quick ? 64 : 256),
    ...(long ? [memory(1024)] : []),
  ];
}

const at = (suite, a, b, sign, bound) => ({ suite, a, b, sign, bound });
const both = (peer, bounds) =>
  ['encrypt', 'decrypt'].flatMap((op) =>
    Object.entries(bounds).map(([build, bound]) => at(`gcm-${op}-${MiB}`, peer, `keystrata ${build}`, '≥', bound)),
  );
const each = (suite, peer, bounds) =>
  Object.entries(bounds).map(([build, bound]) => at(suite, peer, `keystrata ${build}`, '≥', bound));
const most = (peer, bounds) =>
  Object.entries(bounds).map(([build, bound]) => at('pbkdf2', `keystrata ${build}`, peer, '≤', bound));

/** `auto` against the better of the two, at every size. */
const best = (op) =>
  SIZES.map((size) => ({
    suite: `gcm-${op}-${size}`,
    a: 'engine auto',
    best: ['engine wasm', 'engine webcrypto'],
    sign: '≤',
    bound: 1.05,
  }));
const lanes = (build, bound) => at('pbkdf2-lanes', `keystrata ${build}, four blocks`, `keystrata ${build}`, '≤', bound);
const absolute = (suite, a, bound, unit) => ({ suite, a, sign: '≤', bound, unit });

/** The time of a over that of b, or of the better of `best`; with a unit, the median of a itself. */
export const targets = [
  ...both('node:crypto, no CPU crypto', { simd: 1.35, relaxed: 1.6, scalar: 0.3 }),
  ...both('@noble', { simd: 6, scalar: 1.5 }),
  ...both('mbedTLS wasm (Virgil)', { simd: 4, scalar: 1 }),
  ...both('libsodium XChaCha20-Poly1305', { simd: 1 }),
  ...both('@noble, newer Node', { relaxed: 7 }),
  ...both('mbedTLS wasm (Virgil), newer Node', { relaxed: 4.5 }),
  ...both('libsodium XChaCha20-Poly1305, newer Node', { relaxed: 1.15 }),
  ...each('gcm-encrypt-64-into', 'node:crypto', { simd: 5, relaxed: 5, scalar: 2 }),
  ...each('gcm-encrypt-64', 'node:crypto', { simd: 2.3, relaxed: 2.3, scalar: 1.3 }),
  ...each('gcm-encrypt-64', 'WebCrypto', { simd: 30, relaxed: 30, scalar: 12 }),
  ...each(`gcm-encrypt-${16 * KiB}`, 'WebCrypto', { simd: 1, relaxed: 1 }),
  ...each(`gcm-encrypt-${4 * KiB}`, 'WebCrypto', { scalar: 1 }),
  ...most('node:crypto, no CPU crypto', { simd: 0.72, relaxed: 0.72, scalar: 0.82 }),
  ...most('node:crypto', { simd: 1.7, relaxed: 1.7, scalar: 1.9 }),
  ...['simd', 'relaxed'].map((build) => lanes(build, 2.3)),
  at('record-64', 'bare node:crypto', 'keyring, wasm', '≥', 0.4),
  ...['seal', 'open'].map((op) => at(`pool-${op}-64MiB`, 'keyring, wasm', 'keyring, wasm, 2 workers', '≥', 1.7)),
  ...best('encrypt'),
  ...best('decrypt'),
  absolute('cold-start', 'keystrata simd', 15, 'ms'),
  absolute('memory-1024MiB', 'keyring, auto', 100, 'MB'),
  absolute('memory-1024MiB', 'keyring, wasm', 100, 'MB'),
];
