// AssemblyScript compiled in memory, with the options of asconfig.json that shape code.

import asc from 'assemblyscript/asc';

const OPTIONS = [
  '--runtime',
  'stub',
  '--use',
  'abort=',
  '--optimizeLevel',
  '3',
  '--shrinkLevel',
  '1',
  '--converge',
  '--noAssert',
];
const MEMORY = ['--initialMemory', '4', '--maximumMemory', '4'];

/** The module whose entry is `entry`; `read` gives the text of a file, or null where there is none. */
export async function compile(
  entry: string,
  read: (name: string) => string | null,
  ...more: string[]
): Promise<Uint8Array> {
  let wasm: Uint8Array | undefined;
  let complaints = '';
  const { error } = await asc.main([entry, '--outFile', 'out.wasm', ...OPTIONS, ...MEMORY, ...more], {
    readFile: read,
    writeFile: (_, contents) => void (wasm = contents as Uint8Array),
    listFiles: () => [],
    stderr: { write: (chunk) => void (complaints += String(chunk)) },
  });
  if (error || !wasm) throw new Error(`asc: ${complaints}`, { cause: error });
  return wasm;
}
