// A session: a keyring while it is unlocked. It owns every handle, knows the newest document it has verified, lets the
// changes through one at a time, and ends all at once: after `lock` nothing of it is in the core.

import { KeystrataError } from '../core/errors.ts';
import type { Engine } from '../engine/engine.ts';
import type { Id } from '../format/ids.ts';
import type { Kek } from '../keys/roles.ts';
import type { Store } from '../store/store.ts';
import { Crowd } from './crowd.ts';
import type { DeviceMemory } from './device-memory.ts';
import { IdleTimer } from './idle-timer.ts';
import { KeyShelf } from './key-shelf.ts';
import { Shares } from './shares.ts';
import { readStored, verify, wipePrivate, type Snapshot, type Unlocked } from './snapshot.ts';
import { checkSuccession } from './succession.ts';
import { Warner, warningsOf, type Warning } from './warnings.ts';
import { now } from './compose.ts';

const ended = (): KeystrataError => new KeystrataError('ERR_DISPOSED', 'this keyring is locked: unlock it again');

/** A write that its caller must hear of: what it brings is told once, or lost. */
export interface Write {
  /** From here on the call ends as the write does, and not with the session. */
  begun(): void;
  /** It was not made: the call ends with the session again. ERR_DISPOSED where that has ended meanwhile. */
  refused(): void;
}

export class Session implements Unlocked {
  readonly engine: Engine;
  readonly store: Store;
  readonly owner: string;
  readonly keyring: Id;
  readonly memory: DeviceMemory;
  readonly shelf: KeyShelf;
  readonly shares = new Shares(this);
  readonly crowd = new Crowd();
  readonly #underWay = new Set<(reason: KeystrataError) => void>();
  readonly #held = new Set<{ dispose(): void }>();
  readonly #idle: IdleTimer;
  readonly #warner: Warner | null;
  #turn: Promise<unknown> = Promise.resolve();
  #reading: Promise<void> | null = null;
  #snapshot: Snapshot;
  #kek: Kek;
  #locked = false;

  /** Takes over the KEK in `unlocked`. */
  constructor(
    unlocked: Unlocked,
    p: {
      store: Store;
      memory: DeviceMemory;
      snapshot: Snapshot;
      idle?: number;
      onWarning?: (warning: Warning) => void;
    },
  ) {
    this.engine = unlocked.engine;
    this.owner = unlocked.owner;
    this.keyring = unlocked.keyring;
    this.#kek = unlocked.kek;
    this.store = p.store;
    this.memory = p.memory;
    this.shelf = new KeyShelf(this.engine);
    this.#snapshot = p.snapshot;
    this.#warner = p.onWarning === undefined ? null : new Warner(p.onWarning);
    this.#warner?.look(this.warnings());
    this.#idle = new IdleTimer(p.idle, () => this.lock());
  }

  get locked(): boolean {
    return this.#locked;
  }

  /** Another one after each rotation: what waits for something asks again. */
  get kek(): Kek {
    return this.#kek;
  }

  /** Names this device as a writer. */
  get device(): Id {
    return this.memory.device;
  }

  /** The newest document this session has read or written. */
  get snapshot(): Snapshot {
    return this.#snapshot;
  }

  /** At the door of every call: ERR_DISPOSED after the end. */
  use(): void {
    if (this.#locked) throw ended();
    this.#idle.touch();
  }

  /**
   * A document that was verified, or written by this session. ERR_ROLLBACK where it cannot follow the last one. Where it stands
   * `under` another KEK, that takes the place of this one, which is wiped. After the end, which a write may outlast, nothing
   * of it is kept that would have to be wiped.
   */
  adopt(snapshot: Snapshot, under?: Unlocked): void {
    const { header, hash } = this.#snapshot;
    const known = { keyring: header.keyring, revision: header.revision, hash, where: this.memory.where };
    checkSuccession(known, snapshot.header, snapshot.hash);
    const before = this.#snapshot;
    this.#snapshot = snapshot;
    if (this.#locked) return wipePrivate(snapshot.private);
    if (under !== undefined && under.kek !== this.#kek && snapshot.header.kek === under.kek.id) {
      this.#kek.dispose();
      this.#kek = under.kek;
    }
    wipePrivate(before.private, snapshot.private);
    this.#warner?.look(this.warnings());
    const { keys } = snapshot.body;
    if (keys !== before.body.keys) this.shelf.keep((kid) => (keys.get(kid)?.wrapped ?? null) !== null); // some may be destroyed
  }

  /** Of the newest document, as of now. */
  warnings(): Warning[] {
    const { header, body, private: opened } = this.#snapshot;
    return warningsOf({ header, body, labels: opened.labels }, now());
  }

  /**
   * The promise of a call: rejects at once when the session ends, whatever `work` still does; but not while, or after, it
   * makes a write that it says its caller must hear of.
   */
  run<T>(work: (write: Write) => Promise<T>): Promise<T> {
    return new Promise((resolve, reject) => {
      this.use();
      const working = work({
        begun: () => void this.#underWay.delete(reject), // in a turn: after this
        refused: () => (this.use(), void this.#underWay.add(reject)),
      });
      this.#underWay.add(reject);
      const over = (): void => {
        this.#underWay.delete(reject);
        this.#idle.touch();
      };
      working.then(
        (value) => (over(), resolve(value)),
        (error: unknown) => (over(), reject(error as Error)),
      );
    });
  }

  /** One at a time, in the order of the calls: whoever moves the snapshot. */
  inTurn<T>(work: () => Promise<T>): Promise<T> {
    const turn = this.#turn.then(() => {
      this.use();
      return work();
    });
    this.#turn = turn.catch(() => undefined);
    return turn;
  }

  /** Reads the store again. Calls that wait for their turn share one reading, which begins after all of them. */
  refresh(): Promise<void> {
    return (this.#reading ??= this.inTurn(() => {
      this.#reading = null;
      return this.reread();
    }));
  }

  /** Within a turn. `under`: the KEK that a change of this session may have put in place of its own. */
  async reread(under?: Unlocked): Promise<void> {
    const known = await this.memory.recall();
    const unverified = await readStored(this.store, this.owner);
    this.use();
    const by = unverified.header.kek === under?.kek.id ? under : this;
    if (unverified.version !== this.#snapshot.version) this.adopt(await verify(by, unverified, known), under);
    else if (known !== null) checkSuccession(known, this.#snapshot.header, this.#snapshot.hash);
    await this.remember();
  }

  /** What is adopted is remembered by the device: within a turn, before anybody is told of it. */
  remember(): Promise<void> {
    return this.memory.remember(this.#snapshot);
  }

  /** Disposed with the session: a stream, a secret at work. `release` it when it ends by itself. */
  hold<T extends { dispose(): void }>(thing: T): T {
    this.#held.add(thing);
    return thing;
  }

  release(thing: { dispose(): void }): void {
    this.#held.delete(thing);
    this.#idle.touch();
  }

  /** Wipes every handle; calls and streams under way fail with ERR_DISPOSED. Twice does no harm. */
  lock(): void {
    if (this.#locked) return;
    this.#locked = true;
    this.#idle.stop();
    for (const thing of [...this.#held]) thing.dispose();
    this.shelf.clear();
    this.#kek.dispose();
    wipePrivate(this.#snapshot.private);
    const reason = ended();
    for (const reject of [...this.#underWay]) reject(reason);
    this.#underWay.clear();
  }
}
