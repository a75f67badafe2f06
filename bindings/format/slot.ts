// A slot: one way to the KEK. FORMATS §3. CBOR map; exactly the fields of its mode and type, none optional.
//
//   1 id   2 type   3 mode   4 created
//   by mode   direct     7 commitment 32, 8 wrapped KEK
//             rotatable  7 commitment 32, 9 wrapped slot private key, 10 kem, 11 seal, 12 seal MAC 32
//             sealed     10 kem, 11 seal, 15 escrow public COSE_Key, 16 COSE_Sign1 (may be empty)
//   by type   passphrase 5 salt, 6 iterations · recovery 5 · PIN 5, 6 · PRF 5, 13 credential id · operator 14 key id
//
// Nothing secret. Nothing here may be acted on but to try the slot, before the document's MAC is verified.

import type { Bytes } from '../core/bytes.ts';
import type { Cbor } from './cbor.ts';
import { WRAPPED_LENGTH } from './cose-encrypt0.ts';
import { asByteString, asHash, asId, asMap, asNamed, asRecord, asUint, bad, numberOf } from './fields.ts';
import { idBytes } from './ids.ts';
import type { Id } from './ids.ts';
import { KEMS, publicKeyFromCbor, publicKeyToCbor } from './public-key.ts';
import type { PublicKey } from './public-key.ts';

export type SlotType = 'passphrase' | 'recovery' | 'pin' | 'prf' | 'operator' | 'escrow';
export type SlotMode = 'direct' | 'rotatable' | 'sealed';

interface Base {
  readonly id: Id;
  readonly created: number; // Unix seconds
}
/** What the slot's secret needs to become a MEK. */
export type SlotSource =
  | { readonly type: 'passphrase' | 'pin'; readonly salt: Bytes; readonly iterations: number } // salt 32
  | { readonly type: 'recovery'; readonly salt: Bytes }
  | { readonly type: 'prf'; readonly salt: Bytes; readonly credential: Bytes } // credential id, 1 … 1023 bytes
  | { readonly type: 'operator'; readonly operatorKey: Id };
/** How the KEK lies under it. */
export interface DirectWrap {
  readonly mode: 'direct';
  readonly commitment: Bytes; // 32
  readonly wrappedKek: Bytes; // COSE_Encrypt0, 123
}
export interface RotatableWrap {
  readonly mode: 'rotatable';
  readonly commitment: Bytes; // 32
  readonly wrappedPrivateKey: Bytes; // COSE_Encrypt0
  readonly kem: number;
  readonly seal: Bytes;
  readonly sealMac: Bytes; // 32
}
export interface EscrowWrap {
  readonly type: 'escrow';
  readonly mode: 'sealed';
  readonly kem: number;
  readonly seal: Bytes;
  readonly escrowKey: PublicKey;
  readonly signature: Bytes; // COSE_Sign1, empty where the user has no signing key
}
export type DirectSlot = Base & SlotSource & DirectWrap;
export type RotatableSlot = Base & SlotSource & RotatableWrap;
export type EscrowSlot = Base & EscrowWrap;
export type Slot = DirectSlot | RotatableSlot | EscrowSlot;

const TYPES: ReadonlyMap<number, SlotType> = new Map([
  [1, 'passphrase'],
  [2, 'recovery'],
  [3, 'pin'],
  [4, 'prf'],
  [5, 'operator'],
  [6, 'escrow'],
]);
const MODES: ReadonlyMap<number, SlotMode> = new Map([
  [0, 'direct'],
  [1, 'rotatable'],
  [2, 'sealed'],
]);
const FIELDS_OF_TYPE = {
  passphrase: [5, 6],
  recovery: [5],
  pin: [5, 6],
  prf: [5, 13],
  operator: [14],
  escrow: [],
} as const;
const FIELDS_OF_MODE = { direct: [7, 8], rotatable: [7, 9, 10, 11, 12], sealed: [10, 11, 15, 16] } as const;

export const SALT_LENGTH = 32;

export const MAX_CREDENTIAL = 1023; // FORMATS §3, field 13
const MAX_PRIVATE_KEY = 512; // a wrapped private COSE_Key: the largest in use takes under 200 bytes
const MAX_SEAL = 4096; // an X-Wing seal takes 1,227 bytes
const MAX_SIGNATURE = 1024; // a detached COSE_Sign1 takes about 100
const MAX_ITERATIONS = 0xffff_ffff; // what can be written; what may be derived is policy: FORMATS §12

/** As it stands in field 2. */
export const slotTypeNumber = (type: SlotType): number => numberOf(type, 'slot type', TYPES);

/** The two bytes behind the ids in X(MEK, SLOT label, keyring id, slot id, type ‖ mode). */
export const typeAndMode = (type: SlotType, mode: SlotMode): Bytes =>
  Uint8Array.of(numberOf(type, 'slot type', TYPES), numberOf(mode, 'slot mode', MODES));

export function slotToCbor(slot: Slot): Cbor {
  const map = new Map<number, Cbor>([
    [1, idBytes(slot.id, 'slot id')],
    [2, numberOf(slot.type, 'slot type', TYPES)],
    [3, numberOf(slot.mode, 'slot mode', MODES)],
    [4, slot.created],
  ]);
  if ('salt' in slot) map.set(5, slot.salt);
  if ('iterations' in slot) map.set(6, slot.iterations);
  if ('credential' in slot) map.set(13, slot.credential);
  if ('operatorKey' in slot) map.set(14, idBytes(slot.operatorKey, 'operator key id'));
  if (slot.mode !== 'sealed') map.set(7, slot.commitment);
  if (slot.mode === 'direct') map.set(8, slot.wrappedKek);
  else map.set(10, slot.kem).set(11, slot.seal);
  if (slot.mode === 'rotatable') map.set(9, slot.wrappedPrivateKey).set(12, slot.sealMac);
  if (slot.mode === 'sealed') map.set(15, publicKeyToCbor(slot.escrowKey)).set(16, slot.signature);
  return map;
}

export function slotFromCbor(value: Cbor): Slot {
  const name = 'slot';
  const all = asMap(value, name);
  const type = asNamed(all.get(2), `${name} type`, TYPES);
  const mode = asNamed(all.get(3), `${name} mode`, MODES);
  if ((type === 'escrow') !== (mode === 'sealed')) throw bad(name, `type ${type} cannot have mode ${mode}`);
  const fields = asRecord(all, name, [1, 2, 3, 4, ...FIELDS_OF_TYPE[type], ...FIELDS_OF_MODE[mode]]);
  const base = { id: asId(fields.get(1), 'slot id'), created: asUint(fields.get(4), 'slot: created') };
  if (type === 'escrow') return { ...base, ...escrowFrom(fields) };
  const source = sourceFrom(fields, type);
  return mode === 'direct'
    ? { ...base, ...source, ...directFrom(fields) }
    : { ...base, ...source, ...rotatableFrom(fields) };
}

type Fields = ReadonlyMap<number, Cbor>;

function sourceFrom(fields: Fields, type: SlotSource['type']): SlotSource {
  if (type === 'operator') return { type, operatorKey: asId(fields.get(14), 'slot: operator key id') };
  const salt = asByteString(fields.get(5), 'slot: salt', SALT_LENGTH);
  if (type === 'recovery') return { type, salt };
  if (type === 'prf')
    return { type, salt, credential: asByteString(fields.get(13), 'slot: credential id', 1, MAX_CREDENTIAL) };
  return { type, salt, iterations: asUint(fields.get(6), 'slot: iterations', 1, MAX_ITERATIONS) };
}

const directFrom = (fields: Fields): DirectWrap => ({
  mode: 'direct',
  commitment: asHash(fields.get(7), 'slot: commitment'),
  wrappedKek: asByteString(fields.get(8), 'slot: wrapped KEK', WRAPPED_LENGTH),
});

const sealFrom = (fields: Fields): { kem: number; seal: Bytes } => {
  asNamed(fields.get(10), 'slot: kem', KEMS);
  return { kem: fields.get(10) as number, seal: asByteString(fields.get(11), 'slot: seal', 1, MAX_SEAL) };
};

const rotatableFrom = (fields: Fields): RotatableWrap => ({
  mode: 'rotatable',
  commitment: asHash(fields.get(7), 'slot: commitment'),
  wrappedPrivateKey: asByteString(fields.get(9), 'slot: wrapped private key', 1, MAX_PRIVATE_KEY),
  ...sealFrom(fields),
  sealMac: asHash(fields.get(12), 'slot: seal MAC'),
});

const escrowFrom = (fields: Fields): EscrowWrap => ({
  type: 'escrow',
  mode: 'sealed',
  ...sealFrom(fields),
  escrowKey: publicKeyFromCbor(fields.get(15), 'slot: escrow key'),
  signature: asByteString(fields.get(16), 'slot: escrow signature', 0, MAX_SIGNATURE),
});
