// One of everything a document can hold, with bytes that tell where they stand. None of it opens: these are layouts.

import type { Body, KeyRecord } from '../../bindings/format/body.ts';
import type { Header } from '../../bindings/format/header.ts';
import type { PrivatePart } from '../../bindings/format/private-part.ts';
import type { PublicKey } from '../../bindings/format/public-key.ts';
import type { DirectWrap, EscrowSlot, RotatableWrap, Slot, SlotSource } from '../../bindings/format/slot.ts';
import { bytesOf, idOfSeed, toHex } from './strict.ts';

export const publicKeys: readonly PublicKey[] = [
  { kind: 'P-256', x: bytesOf(32, 1), y: bytesOf(32, 2) },
  { kind: 'X25519', x: bytesOf(32, 3) },
  { kind: 'Ed25519', x: bytesOf(32, 4) },
  { kind: 'X-Wing', publicKey: bytesOf(1216, 5) },
];

const sources: readonly SlotSource[] = [
  { type: 'passphrase', salt: bytesOf(32, 10), iterations: 600_000 },
  { type: 'recovery', salt: bytesOf(32, 11) },
  { type: 'pin', salt: bytesOf(32, 12), iterations: 700_000 },
  { type: 'prf', salt: bytesOf(32, 13), credential: bytesOf(64, 14) },
  { type: 'operator', operatorKey: idOfSeed(15) },
];
const direct: DirectWrap = { mode: 'direct', commitment: bytesOf(32, 16), wrappedKek: bytesOf(123, 17) };
const rotatable: RotatableWrap = {
  mode: 'rotatable',
  commitment: bytesOf(32, 18),
  wrappedPrivateKey: bytesOf(130, 19),
  kem: 0x0010,
  seal: bytesOf(169, 20),
  sealMac: bytesOf(32, 21),
};
const escrow: Omit<EscrowSlot, 'id' | 'created'> = {
  type: 'escrow',
  mode: 'sealed',
  kem: 0x647a,
  seal: bytesOf(1227, 22),
  escrowKey: publicKeys[0]!,
  signature: new Uint8Array(0),
};

/** All pairs of type and mode, sorted by id. */
export const slots: readonly Slot[] = [
  ...sources.flatMap((source) => [
    { ...source, ...direct },
    { ...source, ...rotatable },
  ]),
  escrow,
]
  .map((slot, i): Slot => ({ id: idOfSeed(30 + i), created: 1_700_000_000 + i, ...slot }))
  .sort((a, b) => (a.id < b.id ? -1 : 1));

export const header: Header = {
  keyring: idOfSeed(1),
  owner: 'alice',
  revision: 7,
  device: idOfSeed(2),
  kek: idOfSeed(3),
  documentKey: { id: idOfSeed(4), wrapped: bytesOf(120, 5) },
  slots: slots.slice(0, 2),
  profile: 'regulated',
  time: 1_700_000_100,
  previous: [bytesOf(32, 6), bytesOf(32, 7)],
};

const key: KeyRecord = {
  type: 'record',
  family: idOfSeed(41),
  version: 1,
  space: null,
  state: 'active',
  created: 1_700_000_000,
  transitions: [{ from: 'pre-activation', to: 'active', time: 1_700_000_000, reason: 0 }],
  wrapped: bytesOf(123, 42),
  originatorEnd: 1_800_000_000,
  recipientEnd: 1_900_000_000,
};

export const body: Body = {
  keys: new Map([
    [idOfSeed(50), key],
    [idOfSeed(51), { ...key, type: 'space', space: idOfSeed(60), version: 2 }],
    [idOfSeed(52), { ...key, type: 'body', state: 'destroyed', wrapped: null, transitions: [] }],
    [
      idOfSeed(53),
      {
        ...key,
        type: 'granted',
        space: idOfSeed(60),
        wrapped: bytesOf(120, 43),
        grant: { granter: bytesOf(32, 44), commitment: bytesOf(32, 45) },
      },
    ],
  ]),
  keypairs: new Map([
    [
      idOfSeed(54),
      {
        use: 'agree',
        algorithm: 0x0010,
        publicKey: publicKeys[0]!,
        wrapped: bytesOf(130, 46),
        state: 'suspended',
        created: 1_700_000_001,
        transitions: [],
      },
    ],
    [
      idOfSeed(55),
      {
        use: 'sign',
        algorithm: -8,
        publicKey: publicKeys[2]!,
        wrapped: bytesOf(120, 47),
        state: 'compromised',
        created: 1_700_000_002,
        transitions: [],
      },
    ],
  ]),
  spaces: new Map([
    [
      idOfSeed(60),
      {
        key: idOfSeed(51),
        epoch: 0,
        epochHash: bytesOf(32, 48),
        signedEpoch: bytesOf(90, 49),
        agree: idOfSeed(54),
        sign: idOfSeed(55),
      },
    ],
  ]),
  reservations: new Map([[idOfSeed(2), new Map([[idOfSeed(50), 65_536]])]]),
  oldKeks: new Map([[idOfSeed(61), { wrapped: bytesOf(123, 62), state: 'deactivated', time: 1_700_000_003 }]]),
  tombstones: new Map([[idOfSeed(63), { kind: 1, time: 1_700_000_004 }]]),
  audit: {
    dropped: 3,
    anchor: bytesOf(32, 64),
    entries: [
      {
        sequence: 3,
        time: 1_700_000_005,
        event: 7,
        subject: idOfSeed(50),
        device: idOfSeed(2),
        previous: bytesOf(32, 64),
      },
    ],
  },
  private: bytesOf(70, 65),
  policy: { originator: 63_072_000, recipient: 157_680_000, units: 2 ** 32 },
  bodyKey: idOfSeed(52),
};

export const privatePart: PrivatePart = {
  labels: new Map([
    [idOfSeed(50), 'notes'],
    [idOfSeed(51), ''],
  ]),
  slots: new Map([[idOfSeed(31), { kem: 0x0010, publicKey: publicKeys[0]!, sealKey: bytesOf(32, 66), flags: 1 }]]),
  contacts: new Map([
    [toHex(bytesOf(32, 67)), { name: 'Bob', use: 'sign', trust: 'verified', time: 1_700_000_006, sequence: 2 }],
  ]),
  reasons: new Map([[3, 'the laptop was lost']]),
};
