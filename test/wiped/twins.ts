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

  /** Names of the regions in which something of the secrets is left; in the I/O region, only beside what the host put there or asked for. */
  get secret(): string[] {
    const [first, ...others] = this.stages.map(({ memory }) => memory);
    const asked = this.stages[0]!.places;
    const names = new Set<string>();
    for (let at = 0; at < first!.length; at++) {
      if (others.every((memory) => memory[at] === first![at])) continue;
      if (asked.some((place) => place.at <= at && at < place.at + place.length)) continue;
      names.add(this.#regions.findLast((region) => region.at <= at)?.name ?? 'below the secrets');
    }
    return [...names];
  }
}
