// docs/keys.md and its picture, held to the code that they tell of.

import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { picture } from '../scripts/hierarchy/picture.mjs';
import { readTables } from '../scripts/hierarchy/tables.mjs';
import { checkState } from '../bindings/keyring/states.ts';
import type { KeyState } from '../bindings/format/states.ts';

const root = join(import.meta.dirname, '..');
const svg = readFileSync(join(root, 'docs/keys.svg'), 'utf8');
const page = readFileSync(join(root, 'docs/keys.md'), 'utf8');

describe('the picture', () => {
  it('is what the script makes of the code now (node scripts/hierarchy.mjs)', () => {
    expect(picture(readTables(root)) === svg).toBe(true);
  });

  it('shows every role, every wrap and every secret that opens a slot', () => {
    const { purposes, wrapped, secrets, labels } = readTables(root);
    const roles = [
      'AGREE',
      'SIGN',
      'BODY',
      'DOCUMENT',
      'DOCUMENT_MAC',
      'ENVELOPE',
      'INDEX',
      'KEK',
      'MEK',
      'OLD_KEK',
      'RECORD',
      'SLOT',
      'STREAM',
    ];
    expect([...purposes.keys()]).toEqual(expect.arrayContaining(roles));
    for (const { label } of wrapped.values()) expect(svg).toContain(`>${label}<`);
    expect(secrets).toEqual(expect.arrayContaining(['passphrase', 'recoveryCode', 'operatorKey']));
    for (const name of ['SLOT', 'RECOVERY', 'DOCUMENT_MAC']) expect(svg).toContain(`>${labels.get(name)}<`);
  });

  it('changes with the code, and fails where it has no place for what is new', () => {
    const tables = () => readTables(root);
    const other = tables();
    other.wrapped.get('RECORD')!.label = 'another-key';
    expect(picture(other)).toContain('>another-key<');
    const more = tables();
    more.purposes.set('UNHEARD_OF', 'mac');
    expect(() => picture(more)).toThrow(/roles: .*UNHEARD_OF/);
    const wraps = tables();
    wraps.wraps.get('KEK')!.push('MEK');
    expect(() => picture(wraps)).toThrow(/under the KEK/);
    const secrets = tables();
    secrets.secrets.push('fingerprint');
    expect(() => picture(secrets)).toThrow(/fingerprint/);
  });
});

describe('the page', () => {
  it('names files that are there', () => {
    const named = [...page.matchAll(/`((?:keys|keyring|engine|test|assembly|scripts)\/[\w./-]*\w)`/g)].map(
      ([, path]) => path!,
    );
    expect(named.length).toBeGreaterThan(15);
    for (const path of named) {
      const at = /^(test|assembly|scripts)/.test(path) ? path : `bindings/${path}`;
      expect(existsSync(join(root, at)), path).toBe(true);
    }
  });

  it('has the table of states as the code has it', () => {
    const rows = [...page.matchAll(/^\| ([a-z-]+) +\| (yes|no) +\| (yes|no) +\|/gm)];
    expect(rows.map(([, state]) => state)).toHaveLength(6);
    const may = (state: KeyState, what: 'encrypt' | 'decrypt'): string => {
      try {
        checkState('00', state, what);
        return 'yes';
      } catch {
        return 'no';
      }
    };
    for (const [, state, seals, opens] of rows)
      expect([state, may(state as KeyState, 'encrypt'), may(state as KeyState, 'decrypt')]).toEqual([
        state,
        seals,
        opens,
      ]);
  });

  it('speaks of alignment, never of compliance', () => {
    expect(page).toMatch(/Aligned with, not validated/);
    expect(page).not.toMatch(/\bcomplian|certified/i);
  });
});
