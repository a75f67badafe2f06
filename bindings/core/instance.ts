// One running core: a WebAssembly instance that has said what it is, its memory, and the door to it.

import { instantiateSync } from '@assemblyscript/loader';
import { ABI_VERSION, type Abi } from './abi.ts';
import { Door } from './door.ts';
import { KeystrataError } from './errors.ts';
import type { Variant } from './types.ts';

/** By the number that a module exports as VARIANT. */
const NAMES: readonly Variant[] = ['scalar', 'simd', 'relaxed'];

export class Instance {
  readonly abi: Abi;
  /** What it was made of: others like it can be. */
  readonly module: WebAssembly.Module;
  readonly variant: Variant;
  readonly door: Door;
  /** All of the core's memory. Its size is fixed, so the view holds. */
  readonly memory: Uint8Array;
  disposed = false;

  constructor(abi: Abi, module: WebAssembly.Module, variant: Variant) {
    this.abi = abi;
    this.module = module;
    this.variant = variant;
    this.memory = new Uint8Array(abi.memory.buffer);
    this.door = new Door(this.memory, number(abi.IO), number(abi.IO_LENGTH));
  }

  /** Throws ERR_DISPOSED after the end. */
  live(): void {
    if (this.disposed) throw new KeystrataError('ERR_DISPOSED', 'this core was disposed: load another one');
  }

  /** Wipes everything. Twice does no harm. */
  dispose(): void {
    if (!this.disposed) this.abi.wipe();
    this.disposed = true;
  }
}

const number = (global: WebAssembly.Global): number => global.value as number;

/** Compiles bytes, or takes a module as it is. */
async function compile(source: WebAssembly.Module | BufferSource): Promise<WebAssembly.Module> {
  if (source instanceof WebAssembly.Module) return source;
  if (!isWasm(source)) throw new KeystrataError('ERR_FORMAT', 'module: these bytes are not WebAssembly');
  try {
    return await WebAssembly.compile(source);
  } catch (cause) {
    throw new KeystrataError('ERR_UNSUPPORTED', WebAssembly.validate(source) ? FORBIDDEN : UNKNOWN, { cause });
  }
}

const FORBIDDEN =
  "this host compiles no WebAssembly here: a Content-Security-Policy must allow 'wasm-unsafe-eval'; a host that compiles " +
  'nothing at run time must be given a compiled WebAssembly.Module as `module`';
const UNKNOWN =
  'this host cannot compile the module: it is damaged, or uses instructions that the host lacks; the variant "scalar" uses the fewest';

/** Whether the bytes begin as a module does: \0asm. */
function isWasm(source: BufferSource): boolean {
  const bytes = ArrayBuffer.isView(source)
    ? new Uint8Array(source.buffer, source.byteOffset, source.byteLength)
    : new Uint8Array(source);
  return [0x00, 0x61, 0x73, 0x6d].every((byte, i) => bytes[i] === byte);
}

/** Runs a core. A module that is none of ours: ERR_FORMAT; one of another version: ERR_UNSUPPORTED. */
export async function start(source: WebAssembly.Module | BufferSource): Promise<Instance> {
  const module = await compile(source);
  const names = new Set(WebAssembly.Module.exports(module).map(({ name, kind }) => `${kind} ${name}`));
  const foreign = ['global ABI', 'global VARIANT', 'memory memory'].some((name) => !names.has(name));
  if (foreign || WebAssembly.Module.imports(module).length > 0)
    throw new KeystrataError(
      'ERR_FORMAT',
      'this WebAssembly module is not a keystrata core: give one of keystrata.*.wasm',
    );
  // The loader's other form asks for Response, for which Node loads its HTTP client: 18 ms of a cold start.
  const { instance } = instantiateSync(module, {});
  const abi = instance.exports as unknown as Abi;
  const variant = NAMES[number(abi.VARIANT)];
  if (number(abi.ABI) !== ABI_VERSION || variant === undefined)
    throw new KeystrataError(
      'ERR_UNSUPPORTED',
      `this core speaks version ${number(abi.ABI)} of the interface, these bindings version ${ABI_VERSION}: take both from one release`,
    );
  return new Instance(abi, module, variant);
}
