// Where a Chromium is: $CHROMIUM, else where Linux has it; undefined where there is none.

import { existsSync } from 'node:fs';

const PATHS = [
  process.env['CHROMIUM'] ?? '',
  '/usr/bin/chromium',
  '/usr/bin/chromium-browser',
  '/usr/bin/google-chrome',
];

export const executablePath = PATHS.find((path) => path !== '' && existsSync(path));

/** For the name of a suite that is skipped. */
export const unlessFound = executablePath === undefined ? ' (none is found: set CHROMIUM to its path)' : '';
