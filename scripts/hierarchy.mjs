// Draws the hierarchy of keys from the tables in bindings/: docs/keys.svg.
//   node scripts/hierarchy.mjs            writes it
//   node scripts/hierarchy.mjs --print    shows it on standard output

import { writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { picture } from './hierarchy/picture.mjs';
import { readTables } from './hierarchy/tables.mjs';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const svg = picture(readTables(root));
if (process.argv.includes('--print')) process.stdout.write(svg);
else writeFileSync(join(root, 'docs/keys.svg'), svg);
