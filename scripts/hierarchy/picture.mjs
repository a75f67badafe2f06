// The picture: what stands where, and in which words. What exists, what it may do and what wraps what comes from the tables;
// a role, a wrap or a secret that has no place here is an error, and so is a place for one that does not exist.

import { arrow, band, box, document, legend, title } from './svg.mjs';

const LEFT = 196; // the bands' captions stand before it
const MARGIN = 28;
const COLUMN = 176; // of a key under the KEK
const GAP = 20;
const TALL = 68; // three lines
const LOW = 52; //  two
const Y = { secret: 88, mek: 200, slot: 324, kek: 456, key: 588, derived: 716, data: 826, legend: 922 };

/** What opens a slot: by whose hands, and how it becomes a MEK. */
const SECRETS = {
  passphrase: [
    'passphrase',
    'in somebody’s head',
    ({ iterations }) => `PBKDF2, ≥ ${iterations.toLocaleString('en-US')} ×`,
  ],
  recoveryCode: ['recovery code', 'on paper', ({ labels }) => labels.get('RECOVERY')],
  pin: ['PIN', 'with a device secret', ({ labels }) => labels.get('PIN')],
  prf: ['passkey', 'in an authenticator', ({ labels }) => labels.get('PRF')],
  operatorKey: ['operator key', 'on a ring, by its id', () => 'is the MEK'],
  escrowKey: ['escrow key', 'with an institution', () => 'HPKE'],
};

const VERBS = {
  derive: 'derives',
  wrap: 'wraps',
  seal: 'seals',
  mac: 'authenticates',
  agree: 'opens',
  sign: 'signs',
};

/** Roles: a name, what the purpose is done to, where the key lies at rest, and its verb where it is not that of the purpose. */
const ROLES = {
  MEK: ['MEK', 'one slot’s keys', 'nowhere at rest'],
  SLOT: ['slot key', 'the KEK', 'nowhere at rest'],
  KEK: ['KEK', 'keys, nothing else', 'wrapped in every slot of the document'],
  DOCUMENT: ['document key', 'the MAC key', 'document, header 6'],
  DOCUMENT_MAC: ['document MAC key', 'all of it', ''],
  BODY: ['body DEK', 'the private part', 'document, body 1'],
  RECORD: ['record DEK', 'a space’s records', 'document, body 1'],
  ENVELOPE: ['envelope DEK', 'one envelope', 'the envelope’s wrap'],
  INDEX: ['index key', 'values to find', 'document, body 1'],
  STREAM: ['stream DEK', 'one stream’s keys', 'the stream’s first 143 bytes'],
  SPACE: ['space key', 'items received', 'document, body 1'],
  AGREE: ['agreement key', 'what is sealed to it', 'document, body 2'],
  SIGN: ['signing key', 'messages', 'document, body 2'],
  OLD_KEK: ['old KEK', 'what it wrapped', 'document, body 5', 'unwraps'],
};

/** What is derived from what, by which label; null: the chunk key of a stream, which is no handle. */
const DERIVES = { MEK: ['SLOT', 'SLOT'], DOCUMENT: ['DOCUMENT_MAC', 'DOCUMENT_MAC'], STREAM: null };
const CHUNK_KEY = ['chunk key', 'seals 16 KiB chunks'];

/** What the last arrow of a column says. */
const BY = { seal: 'AES-256-GCM', mac: 'HMAC-SHA256', wrap: '', agree: 'HPKE', sign: 'ES256, EdDSA' };

/** Where a column ends. */
const DATA = {
  DOCUMENT: ['the document', 'slots, wrapped keys, lives'],
  BODY: ['its private part', 'names and reasons'],
  RECORD: ['records', 'COSE_Encrypt0'],
  ENVELOPE: ['envelopes', 'a record and its DEK'],
  INDEX: ['indexes', 'equality of a field'],
  STREAM: ['streams: files', 'Cobblestone-256'],
  SPACE: ['items of others', 'not in this version'],
  AGREE: ['messages to a person', 'by their public key'],
  SIGN: ['signed messages', 'COSE_Sign1'],
  OLD_KEK: ['streams, envelopes', 'sealed in its time'],
};

const WIDTH = LEFT + Object.keys(DATA).length * (COLUMN + GAP) - GAP + MARGIN;
const RIGHT = WIDTH - MARGIN;

function check({ purposes, wraps, unwraps, wrapped, secrets }) {
  const same = (what, one, other) => {
    const [a, b] = [[...one].sort().join(), [...other].sort().join()];
    if (a !== b) throw new Error(`${what}: ${a} in the sources, ${b} in the picture`);
  };
  same('roles', purposes.keys(), Object.keys(ROLES));
  same(
    'roles that derive',
    [...purposes].filter(([, purpose]) => purpose === 'derive').map(([role]) => role),
    Object.keys(DERIVES),
  );
  same(
    'roles that wrap',
    [...purposes].filter(([, purpose]) => purpose === 'wrap').map(([role]) => role),
    [...wraps.keys(), ...unwraps, 'SPACE'], // which this version carries from KEK to KEK, and uses for nothing yet
  );
  same('keys under the KEK', wraps.get('KEK'), Object.keys(DATA));
  same('wrapped keys', wrapped.keys(), [...wraps.values()].flat());
  for (const secret of secrets) if (!(secret in SECRETS)) throw new Error(`no place for the secret ${secret}`);
}

/** `n` places side by side: their left edges, and their width. */
function places(n, gap, widest = Infinity) {
  const width = Math.min(widest, (RIGHT - LEFT - gap * (n - 1)) / n);
  const step = n === 1 ? 0 : (RIGHT - LEFT - width) / (n - 1);
  return Array.from({ length: n }, (_, i) => ({ x: LEFT + i * step, width, middle: LEFT + i * step + width / 2 }));
}

export function picture(tables) {
  check(tables);
  const { purposes, wraps, wrapped, labels } = tables;
  const secrets = Object.keys(SECRETS).filter((secret) => tables.secrets.includes(secret));
  const parts = [
    band(Y.secret - 18, Y.secret + LOW + 18, WIDTH - 12, ['held by people', 'and machines']),
    band(Y.secret + LOW + 22, Y.slot + TALL + 18, WIDTH - 12, ['in the core, as', 'long as it takes', 'to unlock']),
    band(Y.slot + TALL + 22, Y.kek + TALL + 18, WIDTH - 12, ['in the core,', 'until lock()']),
    band(Y.kek + TALL + 22, Y.derived + LOW + 18, WIDTH - 12, [
      'at rest wrapped',
      'by the KEK; in the',
      'core on demand',
    ]),
    band(Y.derived + LOW + 22, Y.data + LOW + 18, WIDTH - 12, ['in a store,', 'or wherever', 'you keep it']),
  ];
  const does = (role) => `${ROLES[role][3] ?? VERBS[purposes.get(role)]} ${ROLES[role][1]}`;
  const put = (role, kind, { x, width }, y, height = TALL) =>
    parts.push(box({ x, y, width, height, kind, lines: [ROLES[role][0], does(role), ROLES[role][2]] }));

  for (const [i, { x, width, middle }] of places(secrets.length, 24).entries()) {
    const [name, where, how] = SECRETS[secrets[i]];
    parts.push(box({ x, y: Y.secret, width, height: LOW, kind: 'secret', lines: [name, where] }));
    parts.push(arrow({ x: middle, from: Y.secret + LOW, to: Y.mek, kind: 'derives', label: how(tables) }));
    put('MEK', 'passing', { x, width }, Y.mek);
    const [next, label] = DERIVES.MEK;
    parts.push(arrow({ x: middle, from: Y.mek + TALL, to: Y.slot, kind: 'derives', label: labels.get(label) }));
    put(next, 'passing', { x, width }, Y.slot);
    const inner = wraps.get(next);
    for (const role of inner)
      parts.push(arrow({ x: middle, from: Y.slot + TALL, to: Y.kek, kind: 'wraps', label: wrapped.get(role).label }));
  }

  put('KEK', 'kek', { x: LEFT, width: RIGHT - LEFT }, Y.kek);

  const under = Object.keys(DATA); // in the order of the picture
  for (const [i, { x, width, middle }] of places(under.length, GAP).entries()) {
    const role = under[i];
    const down = (from, to, kind, label) => parts.push(arrow({ x: middle, from, to, kind, label }));
    down(Y.kek + TALL, Y.key, 'wraps', wrapped.get(role).label);
    put(role, 'key', { x, width }, Y.key);
    const [name, what] = DATA[role];
    parts.push(box({ x, y: Y.data, width, height: LOW, kind: 'data', lines: [name, what] }));
    if (!(role in DERIVES)) {
      down(Y.key + TALL, Y.data, 'seals', BY[purposes.get(role)]);
      continue;
    }
    const derived = DERIVES[role];
    down(Y.key + TALL, Y.derived, 'derives', derived ? labels.get(derived[1]) : 'HKDF-Expand-SHA512');
    if (derived) put(derived[0], 'key', { x, width }, Y.derived, LOW);
    else parts.push(box({ x, y: Y.derived, width, height: LOW, kind: 'key', lines: CHUNK_KEY }));
    down(Y.derived + LOW, Y.data, 'seals', derived ? 'HMAC-SHA256' : 'AES-256-GCM');
  }

  parts.unshift(title(WIDTH / 2, 44, 'From what people hold to what they keep'));
  parts.push(legend(LEFT, Y.legend, RIGHT));
  return document(WIDTH, Y.legend + 40, 'The hierarchy of keys', parts);
}
