// Loaded with --import: an imported .wasm file is a WebAssembly.Module, as it is in Cloudflare's workerd.

import { register } from 'node:module';

const hook = `
export async function load(url, context, next) {
  if (!url.endsWith('.wasm')) return next(url, context);
  const source = 'import { readFileSync } from "node:fs";' +
    'export default new WebAssembly.Module(readFileSync(new URL(' + JSON.stringify(url) + ')));';
  return { format: 'module', source, shortCircuit: true };
}`;
register(`data:text/javascript,${encodeURIComponent(hook)}`);
