// What may be told of slots and keys: names, lives, sums; never a secret.

import { concat } from '../core/bytes.ts';
import type { Body, KeyRecord, KeypairRecord } from '../format/body.ts';
import type { Header } from '../format/header.ts';
import type { Id } from '../format/ids.ts';
import type { Slot } from '../format/slot.ts';
import { REASON, reasonText } from './reasons.ts';
import { limitOf, usedUnits } from './reservations.ts';
import type { KeyInfo, SlotInfo } from './types.ts';

const NO_LABELS: ReadonlyMap<Id, string> = new Map();

const date = (seconds: number): Date => new Date(seconds * 1000);

export function slotInfo(slot: Slot, labels: ReadonlyMap<Id, string> = NO_LABELS): SlotInfo {
  return {
    id: slot.id,
    type: slot.type,
    label: labels.get(slot.id) ?? '',
    created: date(slot.created),
    ...('iterations' in slot ? { iterations: slot.iterations } : {}),
    rotatable: slot.mode === 'rotatable',
    ...(slot.type === 'prf' ? { salt: concat(slot.salt), credentialId: concat(slot.credential) } : {}),
    ...(slot.type === 'operator' ? { operatorKeyId: slot.operatorKey } : {}),
  };
}

type Life = Pick<KeyRecord | KeypairRecord, 'state' | 'created' | 'transitions'>;

const history = ({ state, created, transitions }: Life): KeyInfo['history'] => [
  { state: transitions[0]?.from ?? state, at: date(created), reason: 'created' },
  ...transitions.map(({ to, time, reason }) => ({ state: to, at: date(time), reason: reasonText(reason) })),
];

/** Every key of a document, the KEK first. Spaces have names where the private part's labels are at hand. */
export function keyInfos(header: Header, body: Body, labels: ReadonlyMap<Id, string> = NO_LABELS): KeyInfo[] {
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
      history: history(record),
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
      history: history(record),
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
