// From the JavaScript and the types that tsc leaves in build/tsc: one bundle a public entry, shared parts in chunks of their own.
import nodeResolve from '@rollup/plugin-node-resolve';
import { dts } from 'rollup-plugin-dts';

const entries = { keystrata: 'index', core: 'core/index', node: 'node', cli: 'cli/main' };
const input = (extension) =>
  Object.fromEntries(Object.entries(entries).map(([name, file]) => [name, `build/tsc/${file}.${extension}`]));
const external = ['commander', '@inquirer/password', 'cli-progress', 'env-paths', /^node:/];

export default [
  {
    input: input('js'),
    external,
    plugins: [nodeResolve()],
    output: {
      dir: 'build',
      format: 'es',
      entryFileNames: '[name].js',
      chunkFileNames: 'chunks/[name]-[hash].js',
      hoistTransitiveImports: false,
    },
  },
  {
    input: input('d.ts'),
    external,
    plugins: [dts()],
    output: { dir: 'build', format: 'es', entryFileNames: '[name].d.ts', chunkFileNames: 'chunks/[name]-[hash].d.ts' },
  },
];
