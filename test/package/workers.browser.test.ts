// The built package with workers in a real Chromium, bundled as an app bundles it: under a strict Content-Security-Policy the
// workers start and seal; where the policy forbids them the error says so.

import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { extname, join } from 'node:path';
import { chromium, type Browser } from 'playwright-core';
import { build } from 'vite';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { executablePath, unlessFound } from '../browser/chromium.ts';
import { ROOT } from './packed.ts';

const PAGE = `
import { createEngine, Keyring, memoryStore } from ${JSON.stringify(join(ROOT, 'build/keystrata.js'))};

globalThis.run = async () => {
  const where = { store: memoryStore(), owner: 'alice' };
  const secret = { operatorKey: new Uint8Array(32).fill(7), operatorKeyId: '0'.repeat(32) };
  const pool = await createEngine({ prefer: 'wasm', workers: 2 });
  const alone = await createEngine({ prefer: 'wasm' });
  const { keyring } = await Keyring.create({ engine: pool, ...where, ...secret, recovery: false });
  const plaintext = new Uint8Array(5_000_000).map((_, i) => i * i);
  const sealed = await keyring.seal(plaintext, { context: 'x' });
  const other = await Keyring.unlock({ engine: alone, ...where, ...secret });
  const same = (a, b) => a.length === b.length && a.every((byte, i) => byte === b[i]);
  const here = same(await other.open(sealed, { context: 'x' }), plaintext);
  const there = same(await keyring.open(sealed, { context: 'x' }), plaintext);
  pool.dispose();
  return { here, there, ahead: pool.ahead > 0 };
};
globalThis.refused = () => createEngine({ workers: 2 }).then(() => null, ({ code, message }) => ({ code, message }));
`;

const STRICT = "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'";
const TYPES: Record<string, string> = { '.js': 'text/javascript', '.html': 'text/html' };

declare const run: () => Promise<unknown>;
declare const refused: () => Promise<{ code: string; message: string } | null>;

describe.skipIf(executablePath === undefined)(`workers in Chromium${unlessFound}`, () => {
  const folder = mkdtempSync(join(tmpdir(), 'keystrata-workers-'));
  let server: Server;
  let browser: Browser;
  let url: string;
  const asked: string[] = [];

  beforeAll(async () => {
    writeFileSync(join(folder, 'index.html'), '<!doctype html><script type="module" src="/page.js"></script>');
    writeFileSync(join(folder, 'page.js'), PAGE);
    await build({
      root: folder,
      configFile: false,
      logLevel: 'error',
      build: { outDir: 'out', target: 'es2022', modulePreload: false },
    });
    server = createServer((request, response) => {
      const { pathname, searchParams } = new URL(request.url!, 'http://localhost');
      const path = pathname === '/' ? '/index.html' : pathname;
      asked.push(path);
      response.setHeader('content-type', TYPES[extname(path)] ?? 'application/octet-stream');
      response.setHeader('content-security-policy', `${STRICT}; worker-src ${searchParams.get('workers') ?? "'self'"}`);
      try {
        response.end(readFileSync(join(folder, 'out', path)));
      } catch {
        response.writeHead(404).end();
      }
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
    browser = await chromium.launch({ executablePath, args: ['--no-sandbox'] });
  }, 120_000);
  afterAll(async () => {
    await browser?.close();
    server?.close();
    rmSync(folder, { recursive: true, force: true });
  });

  test('seal and open under a strict policy, as the core alone does', async () => {
    const page = await browser.newPage();
    await page.goto(url);
    await page.waitForFunction('globalThis.run !== undefined');
    expect(await page.evaluate(() => run())).toEqual({ here: true, there: true, ahead: true });
    expect(asked.some((path) => /worker/.test(path))).toBe(true); // a file of its own, not a blob
  }, 120_000);

  test('forbidden by the policy: ERR_WORKER, and what to allow', async () => {
    const page = await browser.newPage();
    await page.goto(`${url}?workers='none'`);
    await page.waitForFunction('globalThis.refused !== undefined');
    const error = await page.evaluate(() => refused());
    expect(error?.code).toBe('ERR_WORKER');
    expect(error?.message).toContain("worker-src 'self'");
  }, 120_000);
});
