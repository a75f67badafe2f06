// What an observer could learn of a run, and where two runs differ. A trace is one hash a site (instrument.ts).

import { instrument, siteName, UNTOUCHED } from './instrument.ts';
import type { Instrumented, Site } from './instrument.ts';

export type Trace = readonly bigint[];

/** A module that keeps a trace, compiled once. */
export class Traced {
  readonly sites: readonly Site[];
  readonly #compiled: WebAssembly.Module;
  readonly #touched: boolean[];

  constructor(wasm: Uint8Array) {
    const rewritten: Instrumented = instrument(wasm);
    this.sites = rewritten.sites;
    this.#compiled = new WebAssembly.Module(rewritten.wasm);
    this.#touched = this.sites.map(() => false);
  }

  /** Does `work` in a fresh instance. */
  run<E>(work: (exports: E) => void): Trace {
    const { exports } = new WebAssembly.Instance(this.#compiled);
    work(exports as E);
    return this.sites.map((_, i) => {
      const hash = (exports[siteName(i)] as WebAssembly.Global<'i64'>).value;
      if (hash !== UNTOUCHED) this.#touched[i] = true;
      return hash;
    });
  }

  /** Sites that no run so far has come to. */
  get untouched(): Site[] {
    return this.sites.filter((_, i) => !this.#touched[i]);
  }

  /** Sites at which not all of these runs are the same. */
  leaks<E>(works: readonly ((exports: E) => void)[]): Site[] {
    const traces = works.map((work) => this.run(work));
    return this.sites.filter((_, i) => traces.some((trace) => trace[i] !== traces[0]![i]));
  }
}
