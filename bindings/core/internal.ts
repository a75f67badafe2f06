// From a Core to the instance behind it: for the engine, not for users. No entry point exports this.

import { KeystrataError } from './errors.ts';
import type { Instance } from './instance.ts';
import type { Core } from './types.ts';

const instances = new WeakMap<object, Instance>();

export function register(core: Core, instance: Instance): void {
  instances.set(core, instance);
}

/** The instance of a live core. */
export function instanceOf(core: Core): Instance {
  const instance = instances.get(core);
  if (instance === undefined)
    throw new KeystrataError('ERR_ARGUMENT', 'core: what loadCore() of this package resolves to is wanted');
  instance.live();
  return instance;
}
