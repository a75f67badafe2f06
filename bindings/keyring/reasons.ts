// Why a key changed its state: the codes of RFC 5280 §5.3.1 (CRLReason), as far as they mean something here.

export const REASON = {
  unspecified: 0,
  keyCompromise: 1,
  superseded: 4,
  cessationOfOperation: 5,
  onHold: 6,
  holdLifted: 8,
} as const;

const WORDS: ReadonlyMap<number, string> = new Map([
  [REASON.unspecified, 'unspecified'],
  [REASON.keyCompromise, 'key compromise'],
  [REASON.superseded, 'superseded'],
  [REASON.cessationOfOperation, 'cessation of operation'],
  [REASON.onHold, 'on hold'],
  [REASON.holdLifted, 'hold lifted'],
]);

export const reasonText = (code: number): string => WORDS.get(code) ?? `code ${code}`;
