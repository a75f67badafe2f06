// An engine that counts what it is asked: what an operation costs, whatever the machine is at besides.

import type { Engine } from '../../bindings/index.ts';

export type Counted = 'wrap' | 'unwrap' | 'seal' | 'open' | 'mac' | 'sha256' | 'derive';

/** The engine, counting what it is asked for from now on. */
export function counting(engine: Engine): { engine: Engine; counts: Record<Counted, number> } {
  const counts = { wrap: 0, unwrap: 0, seal: 0, open: 0, mac: 0, sha256: 0, derive: 0 };
  const watched = new Proxy(engine, {
    get(target, name) {
      const value: unknown = Reflect.get(target, name);
      if (typeof value !== 'function') return value;
      if (name === 'password')
        return (bytes: Uint8Array) => {
          const password = target.password(bytes);
          const derive = password.derive.bind(password);
          password.derive = (p) => (counts.derive++, derive(p));
          return password;
        };
      return (...given: unknown[]): unknown => {
        if (name in counts) counts[name as Counted]++;
        return value.apply(target, given);
      };
    },
  });
  return { engine: watched, counts };
}
