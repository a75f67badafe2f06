// Anything in any order: devices that share a store do what comes, one after the other or at once, and the store fails now and
// then, before a write or behind it. Whatever was accepted is there, whatever was refused left nothing, and all data opens.
// fast-check makes the orders, and where one fails finds a short one that does, too.

import fc from 'fast-check';
import { expect, it } from 'vitest';
import {
  createEngine,
  Keyring,
  KeystrataError,
  memoryStore,
  type Engine,
  type KeyState,
  type Secret,
  type Store,
} from '../../bindings/index.ts';
import { permits } from '../../bindings/keyring/states.ts';
import { codeOf, operator, OWNER, utf8 } from './support.ts';

const STATES: readonly KeyState[] = ['active', 'suspended', 'deactivated', 'compromised', 'destroyed'];
const SPACES = ['notes', 'photos', 'ways'];
const DEVICES = 3;

/** What a step may fail with: the store failed, another device was first, a state forbids it, nothing is there, it was locked. */
const FAILURES = ['ERR_STORE', 'ERR_CONFLICT', 'ERR_KEY_STATE', 'ERR_NOT_FOUND', 'ERR_KEY_NOT_FOUND', 'ERR_DISPOSED'];
const ADD_SLOT = 5;
const ADD_RECOVERY = 6;
const ROTATE_KEK = 11;
/** … and what some steps may fail with beside that. */
const ALSO: Readonly<Record<number, readonly string[]>> = {
  [ADD_SLOT]: ['ERR_LIMIT'], // 32 slots
  [ADD_RECOVERY]: ['ERR_LIMIT'],
  [ROTATE_KEK]: ['ERR_ARGUMENT', 'ERR_WRONG_SECRET'], // of a slot that another device adds
};

/** Fails where it is told to: the next write is not made, or it is and nobody hears of it. */
function faulty(inner: Store): { store: Store; fail: (how: 'before' | 'behind' | null) => void } {
  let how: 'before' | 'behind' | null = null;
  const failure = (): KeystrataError => new KeystrataError('ERR_STORE', 'the store failed');
  const store: Store = {
    name: inner.name,
    get: (id) => inner.get(id),
    async put(id, bytes, p) {
      const now = how;
      how = null;
      if (now === 'before') throw failure();
      const made = await inner.put(id, bytes, p);
      if (now === 'behind') throw failure();
      return made;
    },
    delete: (id, p) => inner.delete(id, p),
    list: () => inner.list(),
  };
  return { store, fail: (next) => (how = next) };
}

interface Sealed {
  readonly bytes: Uint8Array;
  readonly text: string;
  readonly context: string;
  readonly kind: 'record' | 'envelope' | 'stream';
  readonly key: string | null; // a DEK of the keyring
}

/** What must be true, by what was accepted. Of what failed nobody knows: it is asked for afterwards. */
class Model {
  readonly sealed: Sealed[] = [];
  readonly ways = new Map<string, Secret>();
  readonly states = new Map<string, KeyState>();
  readonly indexes: { space: string; version: number; value: string; index: Uint8Array }[] = [];
  readonly #doubts = new Map<string, number>();
  /** Of slots that may have been made: nobody heard of it. */
  readonly unheard: Secret[] = [];

  /** Of slots and keys: old or new, as far as anybody heard. */
  doubtful(id: string): boolean {
    return (this.#doubts.get(id) ?? 0) > 0;
  }

  /** For good. */
  doubt(id: string): void {
    this.#doubts.set(id, (this.#doubts.get(id) ?? 0) + 1);
  }

  /** Until it is done: for good where it fails, or where the same is changed at the same time. */
  async whileDoubtful(id: string, work: () => Promise<void>): Promise<void> {
    const alone = !this.doubtful(id);
    this.doubt(id);
    await work();
    if (alone) this.#doubts.set(id, this.#doubts.get(id)! - 1);
  }
}

type Step = readonly [op: number, device: number, a: number, b: number, fault: number];

class World {
  readonly model = new Model();
  readonly devices: Keyring[] = [];
  readonly #inner = memoryStore();
  readonly #faulty = faulty(this.#inner);
  readonly #memories = Array.from({ length: DEVICES }, () => memoryStore());
  readonly #engine: Engine;
  #count = 0;

  constructor(engine: Engine) {
    this.#engine = engine;
  }

  #where = (device: number) => ({
    engine: this.#engine,
    store: this.#faulty.store,
    owner: OWNER,
    memory: this.#memories[device]!,
    allowWeak: true,
  });

  async begin(): Promise<void> {
    const secret = operator();
    const { keyring, recoveryCode } = await Keyring.create({ ...this.#where(0), ...secret });
    for (const { id, type } of keyring.slots.list())
      this.model.ways.set(id, type === 'operator' ? secret : { recoveryCode });
    await keyring.createDataKey({ space: 'notes' });
    this.#learn(keyring);
    this.devices.push(keyring);
    for (let d = 1; d < DEVICES; d++) this.devices.push(await this.unlock(d, secret));
  }

  unlock = (device: number, secret: Secret, slot?: string): Promise<Keyring> =>
    Keyring.unlock({ ...this.#where(device), ...secret, slot });

  #learn(keyring: Keyring): void {
    for (const { id, role, state } of keyring.inventory()) if (role === 'DEK') this.model.states.set(id, state);
  }

  readonly ops: readonly ((d: Keyring, a: number, b: number, at: number) => Promise<void>)[] = [
    async (d, a) => void (await d.createDataKey({ space: SPACES[a % SPACES.length]! })),
    (d, a, b) => this.#seal('record', d, a, b),
    (d, a, b) => this.#seal('envelope', d, a, b),
    (d, a, b) => this.#seal('stream', d, a, b),
    async (d, a) => {
      const space = SPACES[a % SPACES.length]!;
      const key = await d.createIndexKey({ space });
      const value = `value ${a}`;
      const index = await key.index(value, { field: 'f' });
      this.model.indexes.push({ space, version: key.version, value, index });
    },
    async (d, a) => {
      const secret = operator();
      const made = d.slots.add({ ...secret, rotatable: a % 2 === 0 });
      made.catch(() => this.model.unheard.push(secret));
      this.model.ways.set((await made).id, secret);
    },
    async (d) => {
      const made = d.slots.addRecovery({ label: `sheet ${this.#count++}` });
      made.catch(() => this.model.unheard.push({ recoveryCode: '' }));
      const { slot, recoveryCode } = await made;
      this.model.ways.set(slot.id, { recoveryCode });
    },
    async (d, a) => {
      const ids = [...this.model.ways.keys()];
      const id = ids[a % ids.length];
      if (id === undefined) return; // what is left was added unheard
      await this.model.whileDoubtful(id, () => d.slots.remove(id));
      this.model.ways.delete(id);
    },
    async (d, a) => {
      const ids = [...this.model.ways.keys()];
      if (ids.length > 0) await d.slots.rename(ids[a % ids.length]!, `name ${a}`);
    },
    async (d, a, b) => {
      const ids = [...this.model.states.keys()];
      const id = ids[a % ids.length]!;
      const to = STATES[b % STATES.length]!;
      await this.model.whileDoubtful(id, () => d.setState(id, to, b % 2 === 0 ? '' : 'because'));
      this.model.states.set(id, to);
    },
    async (d, a) => void (await d.rotateDataKey({ space: SPACES[a % SPACES.length]! })),
    async (d, a) => {
      await d.refresh();
      const { model } = this;
      const { ways } = model;
      const known = d.slots.list().filter(({ id }) => ways.has(id) && !model.doubtful(id));
      const dropSlots = d.slots.list().flatMap((slot) => (known.includes(slot) ? [] : [slot.id]));
      for (const id of dropSlots) model.doubt(id);
      const secrets = known.map(({ id }) => ways.get(id)!);
      const reason = a % 2 === 0 ? 'scheduled' : 'compromised';
      if (reason === 'compromised') for (const id of model.states.keys()) model.doubt(id);
      await d.rotateKek({ secrets, dropSlots, reason });
    },
    (d) => d.refresh(),
    async (_d, a, _b, at) => {
      const ways = [...this.model.ways].filter(([id]) => !this.model.doubtful(id));
      if (ways.length === 0) return;
      const [slot, secret] = ways[a % ways.length]!;
      const again = await this.unlock(at, secret, slot); // of more than eight recovery codes one is to be named
      this.devices[at]!.lock();
      this.devices[at] = again;
    },
  ];

  async #seal(kind: Sealed['kind'], d: Keyring, a: number, b: number): Promise<void> {
    const [text, context] = [`text ${this.#count++} `.repeat(1 + (b % 40)), `${a}`];
    if (kind === 'record') {
      const { id } = d.dataKey({ space: SPACES[a % SPACES.length]! });
      const bytes = await d.dataKey({ id }).encrypt(text, { context });
      this.model.sealed.push({ bytes, text, context, kind, key: id });
    } else if (kind === 'envelope')
      this.model.sealed.push({ bytes: await d.sealEnvelope(text, { context }), text, context, kind, key: null });
    else this.model.sealed.push({ bytes: await d.seal(utf8(text), { context }), text, context, kind, key: null });
  }

  /** At once. */
  async steps(group: readonly Step[]): Promise<void> {
    // A recovery code that nobody heard of opens a slot that counts: without it somebody could remove all others.
    const adds = group.some(([op]) => op === ADD_RECOVERY);
    await Promise.all(group.map((step) => this.#step(step, adds)));
  }

  async #step([op, device, a, b, fault]: Step, mustHear: boolean): Promise<void> {
    const at = device % DEVICES;
    if (fault === 0) this.#faulty.fail('before');
    if (fault === 1 && !mustHear) this.#faulty.fail('behind');
    const code = await codeOf(() => this.ops[op]!(this.devices[at]!, a, b, at));
    this.#faulty.fail(null);
    if (code !== undefined) expect([...FAILURES, ...(ALSO[op] ?? [])]).toContain(code);
  }

  /** On a device that has seen nothing, by each way in. */
  async check(): Promise<void> {
    const { model } = this;
    const opened: Keyring[] = [];
    const open = (secret: Secret, slot?: string): Promise<string | undefined> => {
      const where = { engine: this.#engine, store: this.#inner, owner: OWNER, memory: memoryStore(), slot, ...secret };
      return codeOf(async () => void opened.push(await Keyring.unlock(where)));
    };
    for (const [id, secret] of model.ways) {
      const code = await open(secret, id);
      if (!model.doubtful(id)) expect([id, code]).toEqual([id, undefined]);
    }
    for (const secret of model.unheard) await open(secret);
    const keyring = opened.pop()!;
    for (const other of opened) other.lock();
    const slots = keyring.slots.list().map(({ id }) => id);
    for (const id of model.ways.keys()) if (!model.doubtful(id)) expect(slots).toContain(id);
    const strangers = slots.filter((id) => !model.ways.has(id));
    expect(strangers.length).toBeLessThanOrEqual(model.unheard.length);
    const states = new Map(keyring.inventory().map(({ id, state }) => [id, state]));
    for (const [id, state] of model.states)
      if (!model.doubtful(id) && state !== 'active') expect([id, states.get(id)]).toEqual([id, state]);
    for (const { bytes, text, context, kind, key } of model.sealed) {
      const opened = async (): Promise<string> =>
        kind === 'stream'
          ? new TextDecoder().decode(await keyring.open(bytes, { context }))
          : keyring.decryptText(bytes, { context });
      if (key === null || permits(states.get(key)!, 'decrypt')) expect(await opened()).toBe(text);
      else expect(await codeOf(opened)).toBe('ERR_KEY_STATE');
    }
    for (const { space, version, value, index } of model.indexes) {
      const again = await codeOf(async () =>
        expect(await keyring.index(value, { space, version, field: 'f' })).toEqual(index),
      );
      expect([undefined, 'ERR_KEY_STATE']).toContain(again);
    }
    const usages = keyring.inventory().map(({ usage }) => usage);
    for (const { reserved, limit } of usages) expect(reserved).toBeLessThanOrEqual(limit);
    keyring.lock();
    for (const device of this.devices) {
      // What it saw is still where it was, or behind; or the KEK is another one, and it is to unlock again.
      expect([undefined, 'ERR_CONFLICT']).toContain(await codeOf(() => device.refresh()));
      device.lock();
    }
  }
}

/** A key waits for a share of the KEK that another call replaces. */
const REPLACED_WHILE_WAITING: Step[] = [
  [11, 0, 0, 0, 9],
  [5, 0, 0, 0, 9],
  [0, 0, 0, 0, 9],
  [0, 0, 0, 0, 9],
  [0, 0, 0, 0, 9],
  [5, 1, 0, 0, 9],
  [0, 1, 0, 0, 9],
];

/** A device is locked while it writes a recovery slot; later the way in that is left besides is removed. */
const LOCKED_WHILE_WRITING: Step[] = [
  [13, 0, 0, 0, 0],
  [6, 0, 0, 0, 0],
  [0, 1, 0, 0, 0],
  [7, 0, 0, 0, 0],
  [0, 0, 0, 0, 0],
  [0, 0, 0, 0, 0],
  [7, 0, 0, 0, 1],
];

/** More recovery codes than are tried one after the other. */
const TEN_CODES: Step[] = [...Array.from({ length: 9 }, (): Step => [6, 0, 0, 0, 9]), [13, 0, 1, 0, 9]];

/** The KEK is replaced after a compromise while the state of a key is set. */
const COMPROMISED_MEANWHILE: Step[] = [
  [11, 0, 3, 0, 0],
  [9, 0, 21, 11, 0],
  [5, 0, 0, 0, 1],
];

const step: fc.Arbitrary<Step> = fc.tuple(fc.nat(13), fc.nat(2), fc.nat(99), fc.nat(99), fc.nat(19));

it.each([
  ['one after the other', 1],
  ['three at once', 3],
])('%s', async (_, abreast) => {
  await fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 60, size: 'max' }), async (steps) => {
      const engine = await createEngine();
      const free = engine.freeSlots();
      try {
        const world = new World(engine);
        await world.begin();
        for (let i = 0; i < steps.length; i += abreast) await world.steps(steps.slice(i, i + abreast));
        await world.check();
        expect(engine.freeSlots()).toBe(free);
      } finally {
        engine.dispose();
      }
    }),
    {
      numRuns: 25,
      examples:
        abreast === 1
          ? [[TEN_CODES]]
          : [[REPLACED_WHILE_WAITING], [LOCKED_WHILE_WRITING], [TEN_CODES], [COMPROMISED_MEANWHILE]],
    },
  );
});
