// Cryptoperiods: how long, how often, and what is said before it is too late. SP 800-57 Part 1 Rev. 5 §5.3, Table 1; SP 800-38D §8.3.

import { afterEach, describe, expect, it, vi } from 'vitest';
import { Keyring, memoryStore, type Warning } from '../../bindings/index.ts';
import { apply } from '../../bindings/keyring/change.ts';
import { create } from '../../bindings/keyring/create.ts';
import { createDataKeys } from '../../bindings/keyring/create-data-keys.ts';
import { codeOf, engine, operator, OWNER, world } from './support.ts';

const DAY = 86_400;

afterEach(() => vi.useRealTimers());

/** As if it were so many days later. */
const later = (days: number): void => {
  vi.useFakeTimers({ toFake: ['Date'], now: Date.now() + days * DAY * 1000 });
};

describe('a policy', () => {
  it('is that of SP 800-57 Table 1 where nobody sets one: two years to encrypt, five to decrypt', async () => {
    const { keyring } = await world();
    expect(keyring.policy).toEqual({ originator: 730 * DAY, recipient: 1825 * DAY, units: 2 ** 32 });
    const { id } = await keyring.createDataKey({ space: 's' });
    const { ends, history } = keyring.inventory().find((key) => key.id === id)!;
    const from = history[0]!.at.getTime();
    expect([ends!.originator.getTime() - from, ends!.recipient.getTime() - from]).toEqual(
      [730, 1825].map((d) => d * DAY * 1000),
    );
  });

  it('is for keys that are made from then on, on every device; the count for all', async () => {
    const { keyring, unlock } = await world();
    const old = await keyring.createDataKey({ space: 'old' });
    await keyring.setPolicy({ originator: 90 * DAY });
    await keyring.setPolicy({ recipient: 365 * DAY, units: 2 ** 20 });
    const other = await unlock();
    expect(other.policy).toEqual({ originator: 90 * DAY, recipient: 365 * DAY, units: 2 ** 20 });
    const { id } = await other.createDataKey({ space: 's' });
    const days = (kid: string): number[] => {
      const { ends, history } = other.inventory().find((key) => key.id === kid)!;
      return [ends!.originator, ends!.recipient].map((end) => (end.getTime() - history[0]!.at.getTime()) / DAY / 1000);
    };
    expect([days(id), days(old.id)]).toEqual([
      [90, 365],
      [730, 1825],
    ]);
    for (const { usage } of other.inventory()) expect(usage.limit).toBe(2 ** 20);
  });

  it.each([
    { originator: 0 },
    { recipient: 1.5 },
    { units: 2 ** 32 + 1 },
    { units: 0 },
    { originator: 101 * 365 * DAY },
    { originator: 2000 * DAY },
    { recipient: DAY },
    null,
  ])('is not %j', async (p) => {
    const { keyring } = await world();
    const { revision } = keyring;
    expect(await codeOf(() => keyring.setPolicy(p as never))).toBe('ERR_ARGUMENT');
    expect(keyring.revision).toBe(revision);
  });
});

describe('warnings', () => {
  const kinds = (warnings: Warning[]): [string, string | undefined][] =>
    warnings.map(({ kind, space }) => [kind, space]);

  it('come before a period ends, and after; encrypting goes on, since a clock may be wrong', async () => {
    const { keyring } = await world();
    await keyring.setPolicy({ originator: 100 * DAY, recipient: 200 * DAY });
    const { id } = await keyring.createDataKey({ space: 's' });
    expect(keyring.warnings()).toEqual([]);
    later(89);
    expect(keyring.warnings()).toEqual([]);
    later(2); // 91 days: a tenth of the period is left
    expect(kinds(keyring.warnings())).toEqual([['period', 's']]);
    const [soon] = keyring.warnings();
    expect(soon).toMatchObject({ key: id, ends: keyring.inventory().find((key) => key.id === id)!.ends!.originator });
    expect(soon!.message).toMatch(/time to encrypt ends soon; make its space a new one with rotateDataKey/);
    later(10);
    expect(keyring.warnings()[0]!.message).toMatch(/is over/);
    const record = await keyring.encrypt('text', { space: 's', context: '' });
    await keyring.rotateDataKey({ space: 's' });
    expect(keyring.warnings()).toEqual([]);
    later(80); // 181: its time to decrypt
    expect(keyring.warnings().find(({ key }) => key === id)!.message).toMatch(/time to decrypt ends soon; seal anew/);
    expect(await keyring.decryptText(record, { context: '' })).toBe('text');
    await keyring.setState(id, 'destroyed', '');
    expect(keyring.warnings().filter(({ key }) => key === id)).toEqual([]);
  });

  it('come at half of what may be reserved of a key, the KEK too', async () => {
    const { session } = await create({ engine, store: memoryStore(), owner: OWNER, recovery: false, ...operator() });
    const [key] = await createDataKeys(session, [{ space: 's' }]);
    const used = (units: number) =>
      apply(session, ({ body: { reservations } }) => ({
        body: {
          reservations: new Map(reservations).set(
            'd'.repeat(32),
            new Map([
              [key!.id, units],
              [session.kek.id, units],
            ]),
          ),
        },
      }));
    await used(2 ** 31 - 2 ** 16 - 1);
    expect(session.warnings()).toEqual([]);
    await used(2 ** 31 - 1024);
    expect(session.warnings().map(({ kind, key: kid }) => [kind, kid])).toEqual([
      ['count', session.kek.id],
      ['count', key!.id],
    ]);
    expect(session.warnings()[0]!.message).toMatch(/rotateKek/);
    expect(session.warnings()[1]!.message).toMatch(/rotateDataKey/);
  });

  it('stay while something compromised is still needed', async () => {
    const { keyring, secret } = await world();
    const { id } = await keyring.createDataKey({ space: 's' });
    const kek = keyring.inventory()[0]!.id;
    await keyring.rotateKek({ reason: 'compromised', secrets: [secret] });
    expect(keyring.warnings().map(({ kind, key }) => [kind, key])).toEqual([
      ['compromised', kek],
      ['compromised', id],
    ]);
    await keyring.setState(id, 'destroyed', '');
    expect(keyring.warnings().map(({ key }) => key)).toEqual([kek]);
  });

  it('are told by themselves, each once: at unlocking, and with what is written or read', async () => {
    const { keyring, store, secret } = await world();
    const { id } = await keyring.createDataKey({ space: 's' });
    const told: string[] = [];
    const onWarning = ({ kind, key }: Warning): void => void told.push(`${kind} ${key}`);
    const p = { engine, store, owner: OWNER, memory: memoryStore(), ...secret };
    expect(await codeOf(() => Keyring.unlock({ ...p, onWarning: 'loudly' as never }))).toBe('ERR_ARGUMENT');
    const other = await Keyring.unlock({ ...p, onWarning });
    await keyring.setState(id, 'compromised', '');
    await other.refresh();
    await other.createDataKey({ space: 't' });
    await Promise.resolve();
    expect(told).toEqual([`compromised ${id}`]);
    await Keyring.unlock({ ...p, onWarning });
    await Promise.resolve();
    expect(told).toHaveLength(2);
  });
});
