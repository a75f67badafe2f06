// A password that waits, for a few milliseconds, until it is known who derives faster. Then it is that one's.
// Secret: the copy of the password, which keeps still and is zeroed when it has been taken in.

import { still, type Bytes } from '../core/bytes.ts';
import { dispose } from '../core/dispose.ts';
import { checkDerivation, passwordEnded, type Derivation } from './derivation.ts';
import type { Password } from './engine.ts';
import type { Key } from './key.ts';
import { unlessAborted } from './pause.ts';

/** Makes a password of the bytes, which end when its promise settles. `check` throws where it is not wanted any more. */
export type Take = (bytes: Bytes, check: () => void) => Promise<Password>;

export class AutoPassword implements Password {
  readonly #onEnd: (password: Password) => void;
  readonly #taken: Promise<Password>;
  #password: Password | null = null;
  #ended = false;

  constructor(bytes: Bytes, take: Take, onEnd: (password: Password) => void) {
    this.#onEnd = onEnd;
    this.#taken = this.#wait(bytes, take);
    this.#taken.catch(() => {}); // who waits hears of it
  }

  async derive(p: Derivation): Promise<Key<'derive'>> {
    checkDerivation(p);
    const password = await unlessAborted(this.#taken, p.signal);
    return password.derive(p);
  }

  dispose(): void {
    this.#ended = true;
    this.#password?.dispose();
    this.#onEnd(this);
  }

  [dispose](): void {
    this.dispose();
  }

  async #wait(bytes: Bytes, take: Take): Promise<Password> {
    const copy = still(bytes.length);
    copy.set(bytes);
    try {
      this.#password = await take(copy, () => this.#check());
    } finally {
      copy.fill(0);
    }
    if (this.#ended) this.#password.dispose();
    this.#check();
    return this.#password;
  }

  #check(): void {
    if (this.#ended) throw passwordEnded();
  }
}
