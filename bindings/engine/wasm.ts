// The kind whose every part is the core: it answers at once.

import { still, type Bytes, type Out } from '../core/bytes.ts';
import { open, seal, type Message } from '../core/gcm.ts';
import type { Instance } from '../core/instance.ts';
import type { Bulk } from './bulk.ts';
import type { Password } from './engine.ts';
import { CorePassword } from './password.ts';
import { messageOf, opens, outOf, TAG_LENGTH, type Series } from './series.ts';
import type { Slots } from './slots.ts';

export class CoreBulk implements Bulk {
  readonly #core: Instance;
  readonly #slots: Slots;

  constructor(core: Instance, slots: Slots) {
    this.#core = core;
    this.#slots = slots;
  }

  seal(message: Message, plaintext: Bytes, out: Bytes): void {
    seal(this.#core, message, plaintext, out);
  }

  open(message: Message, sealed: Bytes): Out {
    const out = still(sealed.length - message.tagLength);
    open(this.#core, message, sealed, out);
    return out;
  }

  sealSeries(series: Series): Out {
    const out = outOf(series, TAG_LENGTH);
    let at = 0;
    for (const [i, text] of series.texts.entries()) {
      seal(this.#core, messageOf(series, i), text, out.subarray(at));
      at += text.length + TAG_LENGTH;
    }
    return out;
  }

  openSeries(series: Series): Out {
    const out = outOf(series, -TAG_LENGTH);
    let at = 0;
    for (const [i, sealed] of series.texts.entries()) {
      if (!opens(this.#core, messageOf(series, i), sealed, out.subarray(at))) break;
      at += sealed.length - TAG_LENGTH;
    }
    return out.subarray(0, at);
  }

  password(bytes: Bytes, onEnd: (password: Password) => void): Password {
    return new CorePassword(this.#core, this.#slots, bytes, onEnd);
  }
}
