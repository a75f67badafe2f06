// Hex in tests: digits to bytes and back.

export const fromHex = (digits: string): Uint8Array => new Uint8Array(Buffer.from(digits, 'hex'));
export const toHex = (bytes: Uint8Array): string =>
  Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString('hex');
export const ascii = (text: string): Uint8Array => new TextEncoder().encode(text);
