// Instances that do the same under different secrets. Where their memories differ, something of a secret is left, whatever
// its form: a key, a bitsliced round key, a midstate. Where they agree, nothing is.

import type { Abi } from '../../bindings/core/abi.ts';
import { instantiate } from '../constant-time/builds.ts';
import type { Build } from '../constant-time/builds.ts';
import type { Hand } from '../constant-time/hand.ts';
import { regions } from './map.ts';
import type { Region } from './map.ts';
import { Stage } from '../constant-time/stage.ts';

export class Twins {
  readonly stages: readonly Stage[];
  readonly #regions: readonly Region[];

  constructor(build: Build, hands: readonly Hand[]) {
    this.#regions = regions(build.variant);
    this.stages = hands.map((hand) => new Stage(instantiate<Abi>(build), hand));
  }

  do(work: (stage: Stage) => void): void {
    this.stages.forEach(work);
  }

  /** Names of the regions in which something of the secrets is left; in the I/O region, only beside what the host asked for. */
  get secret(): string[] {
    const asked = this.stages[0]!.places;
    const names = new Set<string>();
    for (const at of differences(this.stages.map(({ memory }) => memory)))
      if (!asked.some((place) => place.at <= at && at < place.at + place.length))
        names.add(this.#regions.findLast((region) => region.at <= at)?.name ?? 'below the secrets');
    return [...names];
  }
}

const STRIDE = 256;

/** Where not all memories are the same, in order; they are all as long, a multiple of STRIDE. */
function* differences([first, ...others]: readonly Uint8Array[]): Generator<number> {
  for (let from = 0; from < first!.length; from += STRIDE) {
    const stretch = first!.subarray(from, from + STRIDE);
    const unlike = others.filter((memory) => Buffer.compare(stretch, memory.subarray(from, from + STRIDE)) !== 0);
    if (unlike.length === 0) continue;
    for (let at = from; at < from + STRIDE; at++) if (unlike.some((memory) => memory[at] !== first![at])) yield at;
  }
}
