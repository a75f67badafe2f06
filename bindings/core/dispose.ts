// The end of a thing: Symbol.dispose, also where the runtime is older than it; and a net for what was never ended.

/** Symbol.dispose, or the registered symbol that stands for it in older runtimes. */
export const dispose: typeof Symbol.dispose = Symbol.dispose ?? (Symbol.for('Symbol.dispose') as typeof Symbol.dispose);

const net =
  typeof FinalizationRegistry === 'undefined' ? null : new FinalizationRegistry<() => void>((release) => release());

/** Calls `release` some time after the collector took `thing`: a net, not the way. `release` must not hold `thing`. */
export function catchLost(thing: object, release: () => void): void {
  net?.register(thing, release, thing);
}

/** `thing` was disposed as it should be. */
export function letGo(thing: object): void {
  net?.unregister(thing);
}
