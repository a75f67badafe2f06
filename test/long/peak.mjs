// Loaded with --import before a program: when that ends, the most memory it ever held goes to the file PEAK_FILE, in KiB.
// proc_pid_status(5): VmHWM, the peak of the resident set.

import { readFileSync, writeFileSync } from 'node:fs';

process.on('exit', () => {
  const [, kib] = /^VmHWM:\s+(\d+) kB$/m.exec(readFileSync('/proc/self/status', 'utf8'));
  writeFileSync(process.env.PEAK_FILE, kib);
});
