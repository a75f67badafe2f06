// Hex with a remark on each line: how the examples of docs/formats.md are shown. And the hex out of the page again.

import { decode } from 'cborg';
import { hex } from './primitives.ts';
import type { Bytes } from './primitives.ts';

const WIDTH = 16; // bytes a line
const INLINE = 20; // that a key, a head and short bytes may have together on a line
const COLUMN = 66; // where remarks begin

/** Remarks by path: map keys, array places, "*" for a key of bytes. A path that is not here is shown without one. */
export type Remarks = Readonly<Record<string, string>>;

export class Page {
  readonly #lines: string[] = [];
  readonly #remarks: Remarks;

  constructor(remarks: Remarks) {
    this.#remarks = remarks;
  }

  /** So many bytes as they are. */
  raw(bytes: Bytes, remark: string, depth = 0, width = WIDTH): this {
    for (let at = 0; at === 0 || at < bytes.length; at += width) {
      const digits = hex(bytes.subarray(at, at + width)).replace(/(..)(?=.)/g, '$1 ');
      const line = '  '.repeat(depth) + digits;
      this.#lines.push(at === 0 ? `${line.padEnd(COLUMN)}  ${remark}`.trimEnd() : line);
    }
    return this;
  }

  /** One item of CBOR, or several. */
  cbor(bytes: Bytes, path: string, depth = 0): this {
    const end = this.#item(bytes, 0, path, depth, new Uint8Array());
    if (end !== bytes.length) throw new Error(`${path}: more than an item`);
    return this;
  }

  /** `key` is what stands before on the same line. Returns where the item ends. */
  #item(all: Bytes, at: number, path: string, depth: number, key: Bytes): number {
    const { major, n, length } = head(all, at);
    const start = at + length;
    const remark = this.#remarks[path] ?? '';
    const line = (end: number, more = ''): void => {
      this.raw(Buffer.concat([key, all.subarray(at, end)]), [more, remark].filter(Boolean).join(' '), depth, INLINE);
    };
    if (major === 2 || major === 3) {
      const content = all.subarray(start, start + n);
      if (this.#nested(content, path, depth, () => line(start, `bytes (${n})`))) return start + n;
      const end = start + n;
      const short = key.length + end - at <= INLINE;
      line(
        short ? end : start,
        major === 3 ? JSON.stringify(Buffer.from(content).toString()) : short ? '' : `bytes (${n})`,
      );
      if (!short) this.raw(content, '', depth + 1);
      return end;
    }
    if (major === 0 || major === 1 || major === 7) {
      line(start, major === 7 ? 'null' : '');
      return start;
    }
    line(start, { 4: `array (${n})`, 5: `map (${n})`, 6: `tag ${n}` }[major]);
    let end = start;
    for (let i = 0; i < (major === 6 ? 1 : n); i++) {
      if (major !== 5) {
        end = this.#item(all, end, `${path}/${major === 6 ? 'tag' : i}`, depth + 1, new Uint8Array());
        continue;
      }
      const k = head(all, end);
      const keyEnd = end + k.length + (k.major === 2 ? k.n : 0);
      const name = k.major === 2 ? '*' : String(decode(all.subarray(end, keyEnd)));
      if (k.major === 2) {
        this.raw(all.subarray(end, keyEnd), this.#remarks[`${path}/key`] ?? '', depth + 1, INLINE);
        end = this.#item(all, keyEnd, `${path}/${name}`, depth + 2, new Uint8Array());
      } else end = this.#item(all, keyEnd, `${path}/${name}`, depth + 1, all.subarray(end, keyEnd));
    }
    return end;
  }

  /** CBOR within a byte string, where the remarks say that there is some: a path that ends in "/(". */
  #nested(content: Bytes, path: string, depth: number, before: () => void): boolean {
    const inside = this.#remarks[`${path}/(`];
    if (inside === undefined) return false;
    before();
    this.cbor(content, inside || `${path}/(`, depth + 1);
    return true;
  }

  toString(): string {
    return this.#lines.join('\n');
  }
}

function head(bytes: Bytes, at: number): { major: number; n: number; length: number } {
  const info = bytes[at]! & 31;
  const size = info < 24 ? 0 : 1 << (info - 24);
  let n = info < 24 ? info : 0;
  for (let i = 1; i <= size; i++) n = n * 256 + bytes[at + i]!;
  return { major: bytes[at]! >> 5, n, length: 1 + size };
}

const blockOf = (name: string): RegExp => new RegExp(`(?<=^\`\`\`hex ${name}\n)([^]*?)(?=^\`\`\`$)`, 'm');

/** The text of the block "```hex NAME" of a page. */
export function block(markdown: string, name: string): string {
  const found = blockOf(name).exec(markdown);
  if (found === null) throw new Error(`no block "hex ${name}"`);
  return found[1]!.trimEnd();
}

/** The page with another text in that block. */
export const withBlock = (markdown: string, name: string, text: string): string =>
  markdown.replace(blockOf(name), () => `${text}\n`);

/** The bytes of a block: the pairs of digits at the beginning of each line, up to two spaces. */
export function bytesIn(text: string): Buffer {
  const digits = text.split('\n').map((line) => /^ *((?:[0-9a-f]{2} ?)*)(?: |$)/.exec(line)![1]!);
  return Buffer.from(digits.join('').replaceAll(' ', ''), 'hex');
}
