// What may be told of slots and keys: names, lives, sums; never a secret.

import type { Body, KeyRecord, KeypairRecord } from '../format/body.ts';
import type { Header } from '../format/header.ts';
import type { Id } from '../format/ids.ts';
import type { PrivatePart } from '../format/private-part.ts';
import { REASON, reasonText } from './reasons.ts';
import { limitOf, usedUnits } from './reservations.ts';
import type { KeyInfo } from './types.ts';

const NO_LABELS: ReadonlyMap<Id, string> = new Map();
const NOTHING: Opened = { labels: NO_LABELS, reasons: new Map() };

export const date = (seconds: number): Date => new Date(seconds * 1000);

type Opened = Pick<PrivatePart, 'labels' | 'reasons'>;
type Life = Pick<KeyRecord | KeypairRecord, 'state' | 'created' | 'transitions'>;

/** Reasons in words: the text that was given, where it is at hand and its entry still in the log; else that of the code. */
function historyOf(body: Body, reasons: Opened['reasons']): (kid: Id, life: Life) => KeyInfo['history'] {
  const texts = textsOf(body, reasons);
  return (kid, { state, created, transitions }) => {
    const own = [...(texts.get(kid) ?? [])];
    const told = (time: number, code: number): string => {
      const at = own.findIndex((one) => one.time === time);
      return at < 0 ? reasonText(code) : own.splice(at, 1)[0]!.text;
    };
    return [
      { state: transitions[0]?.from ?? state, at: date(created), reason: 'created' },
      ...transitions.map(({ to, time, reason }) => ({ state: to, at: date(time), reason: told(time, reason) })),
    ];
  };
}

/** Subject → its entries that have a text, in their order. */
function textsOf({ audit }: Body, reasons: Opened['reasons']): Map<Id, { time: number; text: string }[]> {
  const texts = new Map<Id, { time: number; text: string }[]>();
  for (const { sequence, subject, time } of reasons.size === 0 ? [] : audit.entries) {
    const text = reasons.get(sequence);
    if (text !== undefined) texts.set(subject, [...(texts.get(subject) ?? []), { time, text }]);
  }
  return texts;
}

/** Every key of a document, the KEK first. Spaces have names, and reasons their texts, where the private part is at hand. */
export function keyInfos(header: Header, body: Body, { labels, reasons }: Opened = NOTHING): KeyInfo[] {
  const history = historyOf(body, reasons);
  const usage = usageOf(body);
  const wrappedBy = header.kek;
  const infos: KeyInfo[] = [
    {
      id: header.kek,
      role: 'KEK',
      version: body.oldKeks.size + 1,
      state: 'active',
      history: [],
      wrappedBy: header.slots[0]!.id,
      usage: usage(header.kek),
    },
  ];
  [...body.oldKeks]
    .sort(([, a], [, b]) => a.time - b.time)
    .forEach(([id, { state, time }], i) => {
      const reason = reasonText(state === 'compromised' ? REASON.keyCompromise : REASON.superseded);
      const past = [{ state, at: date(time), reason }];
      infos.push({ id, role: 'KEK', version: i + 1, state, history: past, wrappedBy, usage: usage(id) });
    });
  for (const [id, record] of body.keys) {
    const space = record.space ?? labels.get(record.family);
    infos.push({
      id,
      role: record.type === 'space' ? 'SPACE' : 'DEK',
      ...(record.type === 'index' ? { use: 'index' } : {}),
      ...(space === undefined ? {} : { space }),
      version: record.version,
      state: record.state,
      history: history(id, record),
      wrappedBy,
      usage: usage(id),
      ends: { originator: date(record.originatorEnd), recipient: date(record.recipientEnd) },
    });
  }
  for (const [id, record] of body.keypairs)
    infos.push({
      id,
      role: record.use === 'agree' ? 'AGREE' : 'SIGN',
      version: 1,
      state: record.state,
      history: history(id, record),
      wrappedBy,
      usage: usage(id),
    });
  return infos;
}

/** Reserved by all devices together, of a key. */
function usageOf(body: Body): (kid: Id) => KeyInfo['usage'] {
  const used = usedUnits(body);
  const limit = limitOf(body);
  return (kid) => ({ reserved: used.get(kid) ?? 0, limit });
}
