// The examples, annotated as docs/formats.md shows them.

import { Page } from './annotate.ts';
import type { Remarks } from './annotate.ts';
import type { Examples } from './example.ts';

/** A wrapped key: COSE_Encrypt0 of a COSE_Key. */
const wrap = (path: string, kid: string): Remarks => ({
  [`${path}`]: 'COSE_Encrypt0',
  [`${path}/tag/0/(`]: '',
  [`${path}/tag/0`]: 'protected',
  [`${path}/tag/0/(/1`]: 'alg A256GCM',
  [`${path}/tag/0/(/3`]: 'content application/cose-key',
  [`${path}/tag/0/(/4`]: kid,
  [`${path}/tag/1`]: 'unprotected',
  [`${path}/tag/1/5`]: 'IV',
  [`${path}/tag/2`]: 'COSE_Key, sealed, and the tag',
});
const record = (path: string, kid: string, what: string): Remarks => ({
  ...wrap(path, kid),
  [`${path}/tag/2`]: what,
});

const envelope: Remarks = {
  '': 'envelope',
  '/0': 'version 1',
  ...wrap('/1', 'kid: the KEK'),
  ...record('/2', 'kid: the DEK', '"Hello, envelope!", sealed, and the tag'),
};

/** Field 11: HPKE of the KEK. */
const seal = (path: string): Remarks => ({
  [path]: 'seal',
  [`${path}/(`]: '',
  [`${path}/(/0`]: 'version 1',
  [`${path}/(/1`]: 'kem: P-256',
  [`${path}/(/2`]: 'HKDF-SHA256',
  [`${path}/(/3`]: 'AES-256-GCM',
  [`${path}/(/4`]: 'kid of the recipient',
  [`${path}/(/5`]: 'enc',
  [`${path}/(/6`]: 'COSE_Key of the KEK, sealed, and the tag',
});

const slot = (path: string): Remarks => ({
  [path]: 'slot',
  [`${path}/1`]: 'slot id',
  [`${path}/2`]: 'type: passphrase',
  [`${path}/3`]: 'mode: direct',
  [`${path}/4`]: 'created',
  [`${path}/5`]: 'salt',
  [`${path}/6`]: 'iterations: 600,000',
  [`${path}/7`]: 'commitment',
  [`${path}/8`]: 'wrapped KEK; its kid is the slot id',
});

const rotatable: Remarks = {
  '': 'slot',
  '/1': 'slot id',
  '/2': 'type: operator key',
  '/3': 'mode: rotatable',
  '/4': 'created',
  '/7': 'commitment',
  '/9': 'wrapped private key of the slot; its kid is the slot id',
  '/10': 'kem: P-256',
  ...seal('/11'),
  '/12': 'seal MAC',
  '/14': 'operator key id',
};

const escrow: Remarks = {
  '': 'slot',
  '/1': 'slot id',
  '/2': 'type: escrow',
  '/3': 'mode: sealed',
  '/4': 'created',
  '/10': 'kem: P-256',
  ...seal('/11'),
  '/15': "the institution's public key",
  '/15/1': 'EC2',
  '/15/-1': 'P-256',
  '/15/-2': 'x',
  '/15/-3': 'y',
  '/16': 'signature',
  '/16/(': '',
  '/16/(/tag/0': 'protected',
  '/16/(/tag/0/(': '',
  '/16/(/tag/0/(/1': 'alg EdDSA',
  '/16/(/tag/0/(/4': 'kid: the signing key',
  '/16/(/tag/1': 'unprotected',
  '/16/(/tag/2': 'payload, detached: field 11',
  '/16/(/tag/3': 'signature',
};

const header: Remarks = {
  '/0': 'header',
  '/0/(': 'header',
  'header/1': 'keyring id',
  'header/2': 'owner',
  'header/3': 'revision',
  'header/4': 'device id of the writer',
  'header/5': 'KEK kid',
  'header/6/0': 'document key kid',
  'header/6/1': 'wrapped document key',
  'header/7': 'slots',
  ...slot('header/7/0'),
  'header/8': 'profile: default',
  'header/9': 'time',
  'header/10': 'documents before this one',
};

const body: Remarks = {
  '/1': 'body',
  '/1/(': 'body',
  'body/1': 'keys',
  'body/1/key': 'kid',
  'body/1/*': 'key record',
  'body/1/*/1': 'type: 3 body, 1 record',
  'body/1/*/2': 'family id',
  'body/1/*/3': 'version',
  'body/1/*/4': 'space id',
  'body/1/*/5': 'state: active',
  'body/1/*/6': 'created',
  'body/1/*/7': 'transitions',
  'body/1/*/8': 'wrapped DEK',
  'body/1/*/9': 'originator end',
  'body/1/*/10': 'recipient end',
  'body/2': 'keypairs',
  'body/3': 'spaces',
  'body/4': 'units',
  'body/5': 'old KEKs',
  'body/6': 'tombstones',
  'body/7': 'audit',
  'body/7/0': 'dropped',
  'body/7/1': 'anchor',
  'body/7/2': 'entries',
  'body/8': 'private part { 1: { family id: "notes" }, 2: {}, 3: {}, 4: {} }, sealed',
  'body/9': 'policy',
  'body/9/1': 'originator seconds: 2 years',
  'body/9/2': 'recipient seconds: 5 years',
  'body/9/3': 'unit limit: 2^32',
  'body/10': 'body DEK kid',
};

/** By the name of its block. */
export function pages(examples: Examples): Readonly<Record<keyof Examples, string>> {
  const { document, prefix, chunks } = examples;
  const page = (remarks: Remarks): Page => new Page(remarks);
  return {
    wrap: page(wrap('', 'kid: the KEK')).cbor(examples.wrap, '').toString(),
    slot: page(slot('')).cbor(examples.slot, '').toString(),
    rotatable: page(rotatable).cbor(examples.rotatable, '').toString(),
    escrow: page(escrow).cbor(examples.escrow, '').toString(),
    record: page(record('', 'kid: the DEK', '"Dear diary", sealed, and the tag'))
      .cbor(examples.record, '')
      .toString(),
    envelope: page(envelope).cbor(examples.envelope, '').toString(),
    indexKey: page(wrap('', 'kid: the KEK')).cbor(examples.indexKey, '').toString(),
    index: page({}).raw(examples.index, 'all 32 bytes').toString(),
    document: page({ ...header, ...body, '/2': 'MAC' })
      .raw(document.subarray(0, 5), '"KSTD", version 1')
      .cbor(document.subarray(5), '')
      .toString(),
    prefix: page(wrap('', 'kid: the KEK'))
      .raw(prefix.subarray(0, 5), '"KSTS", version 1')
      .raw(prefix.subarray(5, 7), '120 bytes of wrapped key')
      .raw(prefix.subarray(7, 23), 'kid of the stream DEK')
      .cbor(prefix.subarray(23), '')
      .toString(),
    chunks: page({})
      .raw(chunks.subarray(0, 24), 'salt')
      .raw(chunks.subarray(24, 56), 'commitment')
      .raw(chunks.subarray(56), 'chunk 0, the last: "Hello, stream!", sealed, and the tag')
      .toString(),
  };
}
