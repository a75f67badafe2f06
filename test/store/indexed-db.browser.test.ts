// A store in IndexedDB, in a real Chromium where one is found: $CHROMIUM, else where Linux has it.

import { mkdtempSync, rmSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { chromium, type BrowserContext, type Page as Tab } from 'playwright-core';
import { build, type Rollup } from 'vite';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { executablePath, unlessFound } from '../browser/chromium.ts';
import type { Page } from '../browser/indexed-db.ts';

const ROOT = join(import.meta.dirname, '../..');

/** test/browser/indexed-db.ts as one script: the sources themselves, and vitest's stand-in. */
async function bundled(): Promise<string> {
  const output = (await build({
    root: ROOT,
    configFile: false,
    logLevel: 'error',
    resolve: { alias: { vitest: join(ROOT, 'test/browser/vitest.ts') } },
    build: {
      write: false,
      minify: false,
      target: 'es2022',
      lib: { entry: join(ROOT, 'test/browser/indexed-db.ts'), formats: ['es'], fileName: 'page' },
      rollupOptions: { output: { inlineDynamicImports: true } },
    },
  })) as Rollup.RollupOutput[];
  return output[0]!.output[0].code;
}

declare const page: Page;

describe.skipIf(executablePath === undefined)(`IndexedDB in Chromium${unlessFound}`, () => {
  const folder = mkdtempSync(join(tmpdir(), 'keystrata-chromium-'));
  let server: Server;
  let context: BrowserContext;
  let url: string;

  const begin = async (): Promise<void> => {
    context = await chromium.launchPersistentContext(folder, { executablePath, args: ['--no-sandbox'] });
  };
  const tab = async (): Promise<Tab> => {
    const opened = await context.newPage();
    await opened.goto(url);
    await opened.waitForFunction('globalThis.page !== undefined');
    return opened;
  };

  beforeAll(async () => {
    const script = await bundled();
    server = createServer((request, response) => {
      const isScript = request.url === '/page.js';
      response.setHeader('content-type', isScript ? 'text/javascript' : 'text/html');
      response.end(isScript ? script : '<!doctype html><script type="module" src="/page.js"></script>');
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
    await begin();
  }, 120_000);
  afterAll(async () => {
    await context?.close();
    server?.close();
    rmSync(folder, { recursive: true, force: true });
  });

  it('keeps the promises of a store', async () => {
    const outcomes = await (await tab()).evaluate(() => page.suite());
    expect(outcomes.filter(({ error }) => error !== null)).toEqual([]);
    expect(outcomes.length).toBeGreaterThanOrEqual(18);
  }, 120_000);

  it('two tabs race, and no change is lost', async () => {
    const tabs = [await tab(), await tab(), await tab()];
    const EACH = 40;
    const results = await Promise.all(tabs.map((opened) => opened.evaluate((each) => page.race(each), EACH)));
    expect(await tabs[0]!.evaluate(() => page.count())).toBe(String(tabs.length * EACH));
    expect(results.reduce((sum, { refused }) => sum + refused, 0)).toBeGreaterThan(0);
  });

  it('a tab that is closed in the middle of its writes leaves a whole one', async () => {
    for (let i = 0; i < 5; i++) {
      const writer = await tab();
      void writer.evaluate(() => page.putForEver()).catch(() => undefined);
      await writer.waitForFunction('globalThis.begun === true');
      await new Promise((resolve) => setTimeout(resolve, 17 * i));
      await writer.close();
      const reader = await tab();
      expect(await reader.evaluate(() => page.whole())).toBe(true);
      await reader.close();
    }
  });

  it('a keyring is there in another tab, and after the browser was started again, with its memory', async () => {
    const sealed = await (await tab()).evaluate(() => page.seal());
    expect(await (await tab()).evaluate((bytes) => page.open(bytes), sealed)).toBe('Dear diary');
    await context.close();
    await begin();
    const again = await tab();
    expect(await again.evaluate((bytes) => page.open(bytes), sealed)).toBe('Dear diary');
    expect(await again.evaluate(() => page.remembered())).toBe(true);
  }, 120_000);
});
