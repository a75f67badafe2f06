// node cold.mjs PEER: how many seconds pass from the import of a library to its first ciphertext, in a process that has just begun
// and has loaded nothing else.
const [file, argument] = process.argv[2].split(':');
const [key, iv, text] = [32, 12, 64].map((length) => new Uint8Array(length).fill(length));
const from = performance.now();
const { load } = await import(`./peers/${file}.mjs`);
const peer = await load(argument);
const cipher = await peer.gcm(key, iv);
await cipher.seal(text);
console.log((performance.now() - from) / 1000);
process.exit();
