// A recovery code for a printer or a pen: in a box, five groups a line and their numbers beside it, to be read aloud and
// typed again; a slip is told by the number of its group.

const GROUPS_A_LINE = 5;

interface Sheet {
  code: string;
  /** Printable. */
  owner: string;
  /** The keyring's id: a person may have several sheets. */
  keyring: string;
}

export function onPaper({ code, owner, keyring }: Sheet): string {
  const groups = code.split('-');
  const lines = [`Recovery code of ${owner}`, `keyring ${keyring}`, ''];
  for (let i = 0; i < groups.length; i += GROUPS_A_LINE) {
    const few = groups.slice(i, i + GROUPS_A_LINE);
    const numbers = `${String(i + 1).padStart(2)} to ${String(i + few.length).padStart(2)}`;
    lines.push(`  ${numbers}   ${few.join('-')}`);
  }
  lines.push('', 'It opens everything if the passphrase is lost, for whoever has it.');
  lines.push('Keep it on paper. It is not shown again.');
  const width = Math.max(...lines.map((line) => line.length));
  const rule = '─'.repeat(width + 2);
  return [`┌${rule}┐`, ...lines.map((line) => `│ ${line.padEnd(width)} │`), `└${rule}┘`].join('\n');
}
