// Text for a terminal. Names, labels and paths come from others: nothing in them may steer the terminal or forge a line.

/** Controls, line and paragraph separators, and the marks that turn writing round. */
const STEERING = /[\p{Cc}\u2028\u2029\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]|\p{Surrogate}/gu;

export function printable(text: string): string {
  return text.replace(STEERING, (char) => `\\u{${char.codePointAt(0)!.toString(16)}}`);
}

/** Between quotes, so that its spaces and its end are seen. */
export const quoted = (text: string): string => `"${printable(text)}"`;

export const grouped = (n: number): string => n.toLocaleString('en-US');

export const bytesOf = (n: number): string => (n === 1 ? '1 byte' : `${grouped(n)} bytes`);
