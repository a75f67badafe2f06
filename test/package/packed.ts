// The package as people get it: packed by npm, unpacked into a project of its own, which has its declared dependencies and no
// others. No registry is asked.

import { execFileSync, spawn } from 'node:child_process';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, dirname, join } from 'node:path';

export const ROOT = join(import.meta.dirname, '../..');
if (!existsSync(join(ROOT, 'build/slim.js'))) throw new Error('build/slim.js is missing: npm run build makes it');

export interface Manifest {
  exports: Record<string, string | Record<string, string>>;
  bin: Record<string, string>;
  dependencies: Record<string, string>;
}

/** What an installed package has at `path`. */
const installed = (path: string): string => join(ROOT, 'node_modules', path);

/** The platform's npm: scripts run with node_modules/.bin before it, and as-pect brings an npm 6 there. */
const PATH = process.env['PATH']!.split(delimiter)
  .filter((folder) => !folder.endsWith('.bin'))
  .join(delimiter);

export class Packed {
  readonly project = mkdtempSync(join(tmpdir(), 'keystrata-package-'));
  readonly tarball: string;
  readonly folder = join(this.project, 'node_modules/keystrata');
  readonly manifest: Manifest;

  constructor() {
    execFileSync('npm', ['pack', '--silent', '--ignore-scripts', '--pack-destination', this.project], {
      cwd: ROOT,
      env: { ...process.env, PATH },
    });
    this.tarball = join(
      this.project,
      readdirSync(this.project).find((name) => name.endsWith('.tgz'))!,
    );
    mkdirSync(this.folder, { recursive: true });
    execFileSync('tar', ['xzf', this.tarball, '-C', this.folder, '--strip-components=1']);
    this.manifest = JSON.parse(readFileSync(join(this.folder, 'package.json'), 'utf8')) as Manifest;
    for (const name of Object.keys(this.manifest.dependencies)) {
      const link = join(this.project, 'node_modules', name);
      mkdirSync(dirname(link), { recursive: true });
      symlinkSync(installed(name), link);
    }
    this.write('package.json', JSON.stringify({ type: 'module', private: true }));
  }

  write(name: string, text: string): string {
    const path = join(this.project, name);
    writeFileSync(path, text);
    return path;
  }

  /** Runs node in the project: its standard output. Rejects with what it said where it fails. */
  node(...args: readonly string[]): Promise<string> {
    return new Promise((resolve, reject) => {
      const child = spawn(process.execPath, args, { cwd: this.project, stdio: ['ignore', 'pipe', 'pipe'] });
      let [said, wrong] = ['', ''];
      child.stdout.on('data', (text: Buffer) => (said += text.toString()));
      child.stderr.on('data', (text: Buffer) => (wrong += text.toString()));
      child.on('error', reject);
      child.on('close', (code) => (code === 0 ? resolve(said.trim()) : reject(new Error(`${said}${wrong}`))));
    });
  }

  /** Runs a program of the project's own dependencies. */
  tool(path: string, ...args: readonly string[]): Promise<string> {
    return this.node(installed(path), ...args);
  }

  end(): void {
    rmSync(this.project, { recursive: true });
  }
}
