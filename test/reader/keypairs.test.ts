// docs/formats.md §14: its examples of keypairs are what the independent writer makes, and the package makes and reads the
// same. KEYSTRATA_WRITE_EXAMPLES=1 writes them into the page instead.

import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { createEngine, publicKeyAsCose, sealTo, verifySignature } from '../../bindings/index.ts';
import type { Engine } from '../../bindings/index.ts';
import { idOf } from '../../bindings/format/ids.ts';
import { decodePublicKey } from '../../bindings/format/public-key.ts';
import { importKeypair, unwrapPrivateKey, wrapPrivateKey } from '../../bindings/keys/keypair.ts';
import { decodeMessage, openMessage, signMessage } from '../../bindings/keys/message.ts';
import type { Kek } from '../../bindings/keys/roles.ts';
import { block, bytesIn, withBlock } from './annotate.ts';
import * as example from './keypair-example.ts';
import { hex } from './primitives.ts';

const PAGE = join(import.meta.dirname, '../../docs/formats.md');
const context = Buffer.from(example.CONTEXT);
const keyring = idOf(example.KEYRING);

/** What is drawn is what the example says: an ephemeral key, an IV. */
const drawing = (bytes: Uint8Array): Promise<Engine> => createEngine({ random: (into) => void into.set(bytes) });
const kekOf = (engine: Engine): Kek =>
  engine.importKey(example.KEK.k, { purpose: 'wrap', id: idOf(example.KEK.kid) }) as Kek;

describe('the worked examples of keypairs', () => {
  const made = example.keypairExamples();
  const pages = example.keypairPages(made);
  let page: string;
  beforeAll(() => {
    page = readFileSync(PAGE, 'utf8');
    if (process.env.KEYSTRATA_WRITE_EXAMPLES === undefined) return;
    for (const [name, text] of Object.entries(pages)) page = withBlock(page, name, text);
    writeFileSync(PAGE, page);
  });

  test('stand on the page, remarks and all', () => {
    for (const [name, text] of Object.entries(pages)) {
      expect(block(page, name), name).toBe(text);
      expect(hex(bytesIn(block(page, name))), name).toBe(hex(made[name as keyof typeof made]));
    }
    expect(Object.values(made).map(({ length }) => length)).toEqual([40, 58, 119, 86, 109]);
  });

  test('are what the package makes', async () => {
    const sealing = await drawing(example.EPHEMERAL);
    expect(hex(await sealTo(sealing, made['public-key'], example.MESSAGE, { context }))).toBe(hex(made.message));
    const wrapping = await drawing(example.IV);
    const pair = importKeypair(wrapping, 'AGREE', 'X25519', example.AGREE);
    expect(hex(publicKeyAsCose(made['public-key']))).toBe(hex(made['public-key']));
    expect(hex(wrapPrivateKey(wrapping, kekOf(wrapping), 'AGREE', pair, keyring))).toBe(hex(made['private-wrap']));
    const { privateKey, publicKey } = importKeypair(wrapping, 'SIGN', 'Ed25519', example.SIGN);
    const signed = signMessage(wrapping, privateKey, publicKey, Buffer.from(example.PAYLOAD), {
      context,
      detached: false,
    });
    expect(hex(signed)).toBe(hex(made.signature));
    for (const engine of [sealing, wrapping]) engine.dispose();
  });

  test('are what the package reads', async () => {
    const engine = await createEngine();
    const publicKey = decodePublicKey(made['public-key']);
    const privateKey = unwrapPrivateKey(engine, kekOf(engine), 'AGREE', made['private-wrap'], publicKey, keyring);
    const opened = await openMessage(engine, privateKey, publicKey, decodeMessage(made.message), context);
    expect(Buffer.from(opened).toString()).toBe(example.MESSAGE);
    const signer = { publicKey: example.signingKey(), context };
    expect(Buffer.from(verifySignature(engine, made.signature, signer)).toString()).toBe(example.PAYLOAD);
    engine.dispose();
  });
});
