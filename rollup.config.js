// From the JavaScript and the types that tsc leaves in build/tsc: one bundle a public entry, shared parts in chunks of their own.
import { dirname, relative } from 'node:path/posix';
import nodeResolve from '@rollup/plugin-node-resolve';
import { dts } from 'rollup-plugin-dts';

const entries = {
  keystrata: 'index',
  core: 'core/index',
  slim: 'slim',
  node: 'node',
  idb: 'idb',
  postgres: 'postgres',
  operator: 'operator',
  cli: 'cli/main',
};
const input = (extension, names = Object.keys(entries)) =>
  Object.fromEntries(names.map((name) => [name, `build/tsc/${entries[name]}.${extension}`]));
const external = [
  'commander',
  '@inquirer/password',
  'cli-progress',
  'env-paths',
  'idb',
  'pg',
  'pg-boss',
  /^@noble\//,
  /^node:/,
];

/** Cloudflare's workerd compiles no bytes: there an imported .wasm file is a WebAssembly.Module. */
const wasmFiles = {
  name: 'wasm-files',
  resolveId: (id) =>
    id.startsWith('#wasm/') ? { id: id.replace(/^#wasm\/(.*)$/, '../keystrata.$1.wasm'), external: 'absolute' } : null,
};

/** The program of the pool's workers is a file by itself: the sources name it where it is built, chunks by the way from them. */
const SOURCES_SAY = "'../../build/worker.js'";
const workerAt = (file) => ({
  name: 'worker-at',
  renderChunk(code, chunk) {
    if (!code.includes(SOURCES_SAY)) return null;
    const way = relative(dirname(chunk.fileName), file);
    return code.replaceAll(SOURCES_SAY, `'${way.startsWith('.') ? way : `./${way}`}'`);
  },
  generateBundle(_, bundle) {
    const chunks = Object.values(bundle).map(({ code = '' }) => code);
    if (!chunks.some((code) => code.includes('worker.js')) || chunks.some((code) => code.includes(SOURCES_SAY)))
      this.error('worker.js is not named as it should be');
  },
});

/** The core's layer in one file, as each costs a cold start a millisecond; but for what the entry alone has: which build, and where it lies. */
const inCore = /build\/tsc\/core\/(?!index|load|variants)|@assemblyscript\/loader/;

export default [
  {
    input: input('js'),
    external,
    plugins: [nodeResolve(), workerAt('worker.js')],
    output: {
      dir: 'build',
      format: 'es',
      entryFileNames: '[name].js',
      chunkFileNames: 'chunks/[name]-[hash].js',
      manualChunks: (id) => (inCore.test(id) ? 'core' : undefined),
      hoistTransitiveImports: false,
    },
  },
  {
    input: input('js', ['keystrata', 'core']),
    external,
    plugins: [wasmFiles, nodeResolve(), workerAt('../worker.js')],
    output: { dir: 'build/workerd', format: 'es', entryFileNames: '[name].js', chunkFileNames: '[name]-[hash].js' },
  },
  {
    input: 'build/tsc/engine/worker.js',
    plugins: [nodeResolve()],
    output: { file: 'build/worker.js', format: 'es' },
  },
  {
    input: input('d.ts'),
    external,
    plugins: [dts()],
    output: { dir: 'build', format: 'es', entryFileNames: '[name].d.ts', chunkFileNames: 'chunks/[name]-[hash].d.ts' },
  },
];
