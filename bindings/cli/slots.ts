// keystrata slots list|add|remove|rename: the ways into a keyring, as whoever has one of them sees and changes them.

import { KeystrataError } from '../core/errors.ts';
import { decodeRecoveryCode } from '../format/recovery-code.ts';
import { asId, asLabel } from '../keyring/arguments.ts';
import type { Keyring } from '../keyring/keyring.ts';
import type { SlotInfo } from '../keyring/types.ts';
import { publicKeyAsCose, type PublicKeyInput } from '../keys/public-key.ts';
import { forgetDeviceSecret, withNewDeviceSecret } from './device-secret.ts';
import { findInput } from './input.ts';
import { gracefully } from './interrupt.ts';
import type { Call, Result } from './io.ts';
import { slotFacts, slotTree } from './keyring-tree.ts';
import { takeOperatorKey } from './operator-key.ts';
import { onPaper } from './paper.ts';
import { secretsOf } from './passphrase.ts';
import { newPinOf } from './pin.ts';
import { folderOf, mustExist } from './place.ts';
import { withBar } from './progress.ts';
import { draw } from './tree.ts';
import { presentSecret, wipe } from './present.ts';
import { unlocked, withKeyring } from './vault.ts';
import { quoted } from './words.ts';

export interface AddSlot {
  label?: string;
  rotatable?: boolean;
  kem?: 'P-256' | 'X-Wing';
  /** Of an escrow. */
  fingerprint?: string;
  /** Of an operator key: the descriptor with its line. */
  newOperatorKeyFd?: number;
  /** Of a PIN: the same. */
  newPinFd?: number;
}

const factsOf = (call: Call, keyring: Keyring) => ({
  keyring: keyring.id,
  owner: call.options.owner,
  revision: keyring.revision,
  folder: folderOf(call),
});

export async function listSlots(call: Call): Promise<Result> {
  await mustExist(call);
  return unlocked(call, (keyring) => {
    const slots = keyring.slots.list();
    return Promise.resolve({
      facts: { ...factsOf(call, keyring), slots: slots.map(slotFacts) },
      shown: draw({ text: `slots of ${quoted(call.options.owner)}`, branches: slots.map(slotTree) }),
    });
  });
}

export async function renameSlot(call: Call, id: string, label: string): Promise<Result> {
  asId(id, 'ID');
  asLabel(label, 'LABEL');
  await mustExist(call);
  return unlocked(call, async (keyring) => {
    await keyring.slots.rename(id, label);
    return { facts: { ...factsOf(call, keyring), slot: id, label }, said: `slot ${id} is ${quoted(label)} now` };
  });
}

/** Several with --rekey go in one write; without it one after the other. */
export async function removeSlots(
  call: Call,
  ids: readonly string[],
  { rekey = false }: { rekey?: boolean },
): Promise<Result> {
  const slots = ids.map((id) => asId(id, 'ID'));
  await mustExist(call);
  return unlocked(call, async (keyring, secret) => {
    const [first, ...others] = slots;
    await withBar(call, 'removing', ({ at: onProgress }) =>
      gracefully(async (signal) => {
        const p = { signal, onProgress };
        if (rekey) return keyring.slots.remove(first!, { ...p, rekey, secrets: [secret], dropSlots: others });
        for (const id of slots) await keyring.slots.remove(id, { signal });
      }),
    );
    if (!keyring.slots.list().some(({ type }) => type === 'pin')) await forgetDeviceSecret(call, keyring.id);
    const rest = rekey
      ? 'and made a new KEK: bring your sealed files under it with keystrata rewrap'
      : 'an old copy of the keyring still opens with what opened it: --rekey makes another KEK';
    return {
      facts: { ...factsOf(call, keyring), slots, rekey },
      said: `removed ${slots.length === 1 ? `slot ${first}` : `${slots.length} slots`}\n${rest}`,
    };
  });
}

// ---- add

const added = (call: Call, keyring: Keyring, slot: SlotInfo): Result => ({
  facts: { ...factsOf(call, keyring), slot: slotFacts(slot) },
  said: `added ${slotTree(slot).text}`,
});

type Kind = 'passphrase' | 'recovery' | 'pin' | 'operator' | 'escrow';
type Add = (call: Call, p: AddSlot, file?: string) => Promise<Result>;

/** What is missing, or does not belong, is said before anybody is asked for a secret. */
const ADD: Readonly<Record<Kind, Add>> = {
  async passphrase(call, p, file) {
    refuse('passphrase', { ...p, file }, ['file', 'fingerprint', 'newOperatorKeyFd', 'newPinFd']);
    const secrets = secretsOf(call);
    try {
      const current = await presentSecret(call, secrets);
      const given = secrets.asks ? null : await secrets.takeNew(''); // all lines, before any work
      return await withKeyring(call, current, async (keyring) => {
        const passphrase = given ?? (await secrets.takeNew('New passphrase:'));
        const slot = await making(call, (work) => keyring.slots.add({ passphrase, ...options(p), ...work }));
        return added(call, keyring, slot);
      });
    } finally {
      secrets.end();
    }
  },

  recovery(call, p, file) {
    refuse('recovery', { ...p, file }, ['file', 'fingerprint', 'newOperatorKeyFd', 'newPinFd']);
    return unlocked(call, async (keyring) => {
      const { slot, recoveryCode } = await making(call, (work) =>
        keyring.slots.addRecovery({ ...options(p), ...work }),
      );
      decodeRecoveryCode(recoveryCode).fill(0); // what is shown once is right
      const result = added(call, keyring, slot);
      const once = onPaper({ code: recoveryCode, owner: quoted(call.options.owner), keyring: keyring.id });
      const unseen = (): Promise<string> =>
        Promise.resolve(`nobody saw the recovery code: remove its slot with keystrata slots remove ${slot.id}`);
      return { ...result, facts: { ...result.facts, recoveryCode }, once, unseen };
    });
  },

  async pin(call, p, file) {
    refuse('pin', { ...p, file }, ['file', 'fingerprint', 'newOperatorKeyFd']);
    const take = await newPinOf(call, p.newPinFd);
    return unlocked(call, async (keyring, _secret, engine) => {
      const taken = await take();
      try {
        const slot = await making(call, (work) =>
          withNewDeviceSecret(call, { engine, keyring: keyring.id }, (deviceSecret) =>
            keyring.slots.add({ ...taken, deviceSecret, ...options(p), ...work }),
          ),
        );
        const result = added(call, keyring, slot);
        return { ...result, said: `${result.said}\non this device: keystrata open FILE --pin` };
      } finally {
        wipe(taken);
      }
    });
  },

  async operator(call, p, file) {
    refuse('operator', { ...p, file }, ['file', 'fingerprint', 'newPinFd']);
    if (p.newOperatorKeyFd === undefined)
      throw new KeystrataError('ERR_ARGUMENT', '--new-operator-key-fd N: the key to add is wanted, a line ID:KEY');
    const key = await takeOperatorKey(p.newOperatorKeyFd, '--new-operator-key-fd');
    try {
      return await unlocked(call, async (keyring) =>
        added(call, keyring, await making(call, (work) => keyring.slots.add({ ...key, ...options(p), ...work }))),
      );
    } finally {
      key.operatorKey.fill(0);
    }
  },

  async escrow(call, p, file) {
    refuse('escrow', p, ['rotatable', 'kem', 'newOperatorKeyFd', 'newPinFd']);
    if (file === undefined || p.fingerprint === undefined)
      throw new KeystrataError(
        'ERR_ARGUMENT',
        "escrow: the file with the institution's public key and its --fingerprint are wanted",
      );
    const { fingerprint, label = '' } = p;
    const publicKey = await readPublicKey(call, file);
    return unlocked(call, async (keyring) =>
      added(call, keyring, await keyring.slots.addEscrow({ publicKey, fingerprint, label })),
    );
  },
};

export async function addSlot(call: Call, type: string, file: string | undefined, p: AddSlot): Promise<Result> {
  if (!Object.hasOwn(ADD, type))
    throw new KeystrataError('ERR_ARGUMENT', `${quoted(type)}: one of ${Object.keys(ADD).join(', ')} is wanted`);
  await mustExist(call);
  return ADD[type as Kind](call, p, file);
}

const NAMES: Readonly<Record<string, string>> = {
  file: 'a FILE',
  fingerprint: '--fingerprint',
  newOperatorKeyFd: '--new-operator-key-fd',
  newPinFd: '--new-pin-fd',
  rotatable: '--rotatable',
  kem: '--kem',
};

function refuse(type: Kind, p: AddSlot & { file?: string | undefined }, fields: readonly (keyof typeof p)[]): void {
  for (const field of fields)
    if (p[field] !== undefined)
      throw new KeystrataError('ERR_ARGUMENT', `slots add ${type}: ${NAMES[field]} does not belong to it`);
}

const options = ({ label, rotatable, kem }: AddSlot) => ({
  ...(label !== undefined && { label }),
  ...(rotatable !== undefined && { rotatable }),
  ...(kem !== undefined && { kem }),
});

interface MakingWork {
  signal: AbortSignal;
  onProgress: (fraction: number) => void;
}

const making = <T>(call: Call, work: (p: MakingWork) => Promise<T>): Promise<T> =>
  withBar(call, 'making the slot', ({ at: onProgress }) => gracefully((signal) => work({ signal, onProgress })));

/** A JWK, a line of text; or the bytes of a COSE_Key. */
const MOST = 16 * 1024;
const BRACE = 0x7b;

async function readPublicKey({ io }: Call, path: string): Promise<Uint8Array> {
  const input = await findInput(io, path);
  const chunks: Uint8Array[] = [];
  let length = 0;
  for await (const chunk of input.stream(() => undefined)) {
    length += chunk.length;
    if (length > MOST) throw new KeystrataError('ERR_LIMIT', `${input.name}: longer than any public key`);
    chunks.push(chunk);
  }
  const bytes = Buffer.concat(chunks);
  return publicKeyAsCose(bytes[0] === BRACE ? jwkOf(bytes, input.name) : Uint8Array.from(bytes));
}

function jwkOf(bytes: Buffer, name: string): PublicKeyInput {
  try {
    return JSON.parse(bytes.toString('utf8')) as PublicKeyInput;
  } catch (cause) {
    throw new KeystrataError('ERR_FORMAT', `${name}: no JWK`, { cause });
  }
}
